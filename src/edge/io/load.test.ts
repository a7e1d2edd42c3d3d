import assert from "node:assert/strict";
import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { LoadMeter } from "./load.ts";
import { errorsSince } from "./nginx-files.ts";

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
  const errorLog = join(folder, "error.log");
  const meter = new LoadMeter({ accessLog, errorLog, rotateLog, stub }, 1000);
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

test("[ED66] the error log is set aside when it is big, however few are served, and the access log stays", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-load-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [accessLog, errorLog] = [join(folder, "access.log"), join(folder, "error.log")];
  const rotated: string[] = [];
  const rotateLog = async (log: "access" | "error"): Promise<void> => {
    rotated.push(log);
    await rename(join(folder, `${log}.log`), join(folder, `${log}.log.1`));
  };
  const stub = async () => ({ connections: 0, requests: 0 });
  const meter = new LoadMeter({ accessLog, errorLog, rotateLog, stub }, 1000);
  t.after(() => meter.close());
  await writeFile(errorLog, "e".repeat(1000));
  await meter.sample(1000);
  assert.deepEqual(rotated, [], "neither is too big");
  await writeFile(accessLog, lines(1));
  await appendFile(errorLog, "e");
  assert.equal((await meter.sample(2000)).requests, 1);
  assert.deepEqual(rotated, ["error"]);
  await meter.sample(3000);
  assert.deepEqual(rotated, ["error"], "a new one is yet to come");
});

test("[ED66] of the error log only what is new is read, and no more than its end", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-errors-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const errorLog = join(folder, "error.log");
  assert.equal(await errorsSince({ errorLog }, 0), "", "no log yet");
  await writeFile(errorLog, "before\nafter\n");
  assert.equal(await errorsSince({ errorLog }, 7), "after\n");
  assert.equal(await errorsSince({ errorLog }, 13), "");
  assert.equal(
    await errorsSince({ errorLog }, 14),
    "before\nafter\n",
    "set aside meanwhile: all of the new one",
  );
  await truncate(errorLog, 3 * 2 ** 30);
  await appendFile(errorLog, "the end");
  const end = await errorsSince({ errorLog }, 5);
  assert.ok(end.endsWith("the end") && end.length === 16_384, "of a log that no memory could hold");
});
