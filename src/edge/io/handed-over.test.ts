import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Disk, openDisk } from "./disk.ts";
import { leaveProofs, type Moment, takeProofs, thisMoment } from "./handed-over.ts";

const now: Moment = { bootId: "this-run", uptimeSeconds: 1000 };
const sha256 = "a".repeat(64);

async function open(t: TestContext): Promise<{ readonly disk: Disk; readonly path: string }> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-handed-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const disk = await openDisk(folder);
  mkdirSync(join(disk.served, "t1"));
  return { disk, path: join(folder, "handed-over.txt") };
}

test("[ED87] what was verified is handed over once, but for files that were touched, replaced or lost since", async (t) => {
  const { disk, path } = await open(t);
  const place = (name: string): string => join(disk.served, "t1", name);
  const names = ["same", "touched", "replaced", "lost"];
  for (const name of names) writeFileSync(place(name), "content");
  await leaveProofs(path, disk, new Map([...names, "never"].map((name) => [`t1/${name}`, sha256])), now);
  writeFileSync(place("touched"), "CONTENTS");
  writeFileSync(place("other"), "content");
  renameSync(place("other"), place("replaced"));
  rmSync(place("lost"));
  assert.deepEqual(await takeProofs(path, disk, now), new Map([["t1/same", sha256]]));
  assert.deepEqual(await takeProofs(path, disk, now), new Map());
});

test("[ED87] nothing is believed of before a reboot, of more than a day ago, or of a machine that names no run", async (t) => {
  const { disk, path } = await open(t);
  writeFileSync(join(disk.served, "t1/0"), "content");
  const taken = async (then: Moment, at: Moment): Promise<number> => {
    await leaveProofs(path, disk, new Map([["t1/0", sha256]]), then);
    return (await takeProofs(path, disk, at)).size;
  };
  const later = (seconds: number): Moment => ({ ...now, uptimeSeconds: now.uptimeSeconds + seconds });
  assert.equal(await taken(now, later(86_400)), 1);
  assert.equal(await taken(now, later(86_401)), 0);
  assert.equal(await taken(now, later(-1)), 0);
  assert.equal(await taken(now, { ...now, bootId: "another-run" }), 0);
  const nameless = { ...now, bootId: "" };
  assert.equal(await taken(nameless, nameless), 0);
  assert.match((await thisMoment()).bootId, /^[0-9a-f-]{36}$/);
});

test("[ED87] rows that name no servable file are skipped, and of many files each keeps its own hash", async (t) => {
  const { disk, path } = await open(t);
  const names = Array.from({ length: 150 }, (_, i) => `t1/${i}`);
  const proofs = new Map(names.map((key, i) => [key, `${i}`.padStart(64, "0")]));
  for (const key of names) writeFileSync(join(disk.served, key), key);
  await leaveProofs(path, disk, proofs, now);
  for (const key of ["../../etc/passwd", "t1//0", "/t1/0"]) appendFileSync(path, `${sha256} stamp ${key}\n`);
  assert.deepEqual(await takeProofs(path, disk, now), proofs);
});
