import assert from "node:assert/strict";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { keepOutcome } from "./check-kept.ts";
import { HealthMeter } from "./health.ts";
import { KernelTlsMeter } from "./kernel-tls.ts";

test("[ED83] a disk that does not answer leaves its numbers out, and the rest is told", async (t) => {
  const parent = await mkdtemp(join(tmpdir(), "millrace-health-"));
  t.after(() => rm(parent, { recursive: true, force: true }));
  const folder = await mkdtemp(join(parent, "disk-"));
  const meter = new HealthMeter(folder);
  const before = await meter.sample();
  assert.ok((before.freeBytes ?? 0) > 0);
  await rename(folder, `${folder}-away`);
  const without = await meter.sample();
  assert.deepEqual([without.freeBytes, without.readMs], [undefined, undefined]);
  assert.deepEqual(without.handles === undefined, before.handles === undefined);
  await rename(`${folder}-away`, folder);
  assert.ok(((await meter.sample()).freeBytes ?? 0) > 0, "and it is told again when it does");
});

test("[ED186] the outcome of the last check is among what the machine says, from the first report on", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-health-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  assert.equal((await new HealthMeter(folder).sample()).check, undefined);
  const counts = { holds: 11, doesNotHold: 0, cannotBeTold: 0, notAsked: 0 };
  const outcome = { atMs: 1, profile: "site", altered: [], counts, failures: [] } as const;
  await keepOutcome(folder, { ...outcome, altered: [], failures: [] });
  assert.deepEqual((await new HealthMeter(folder).sample()).check, outcome);
});

test("[ED80] the kernel's count of TLS that cannot be read now, for want of a file handle, ends nothing", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-health-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  // A folder opens as a file does, and fails to be read.
  assert.equal(await new KernelTlsMeter(folder).sample(3), undefined);
});
