import assert from "node:assert/strict";
import { appendFile, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { LoadMeter } from "./load.ts";

const lines = (count: number): string =>
  '{"time":"now","status":200,"bytes":7,"session":"s"}\n'.repeat(count);

test("[ED13] what a worker still writes to the log that was set aside is counted, however late it lets go", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-load-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const accessLog = join(folder, "access.log");
  await writeFile(accessLog, "");
  let rotations = 0;
  const rotateLog = async (): Promise<void> => {
    rotations += 1;
    await rename(accessLog, `${accessLog}.1`);
    await writeFile(accessLog, "");
  };
  const stub = async () => ({ connections: 0, requests: 0 });
  const meter = new LoadMeter({ accessLog, rotateLog, stub }, 1000);
  t.after(() => meter.close());
  await meter.sample(1000);
  await appendFile(accessLog, lines(30));
  assert.equal((await meter.sample(2000)).requests, 30);
  assert.equal(rotations, 1);
  await appendFile(`${accessLog}.1`, lines(2));
  await appendFile(accessLog, lines(3));
  assert.equal((await meter.sample(3000)).requests, 35);
  await appendFile(`${accessLog}.1`, lines(4));
  assert.equal((await meter.sample(4000)).requests, 39);
  await appendFile(accessLog, lines(30));
  assert.equal((await meter.sample(5000)).requests, 69);
  assert.equal(rotations, 2);
  await appendFile(accessLog, lines(1));
  assert.equal((await meter.sample(6000)).requests, 70);
});
