// The promise of the event log, held against kills, power cuts and failing disks: what was acknowledged is there.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { type FileHandle, open as openFile, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { test } from "node:test";
import { seededRandom } from "#units/random.ts";
import {
  bytes,
  complaint,
  fill,
  folderOf,
  isFault,
  open,
  readAll,
  segmentsIn,
  settings,
  small,
} from "./event-log-builders.ts";

/** Runs a writer, kills it after it acknowledged `count` lines, and returns every line it got out. */
async function killedWriter(folder: string, first: number, count: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, ["test/fixtures/log-writer.ts", folder, `${first}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    printed += chunk;
    if (printed.split("\n").length > count) child.kill("SIGKILL");
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), 120_000);
  await new Promise((resolve) => child.on("close", resolve));
  clearTimeout(timer);
  return printed.split("\n").slice(0, -1);
}

test("[DA4] what was acknowledged outlives twelve kills, at its offset; a log that loses one record is caught", async (t) => {
  const folder = await folderOf(t);
  const random = seededRandom(41);
  const lines: string[] = [];
  for (let kill = 0; kill < 12; kill++) {
    lines.push(...(await killedWriter(folder, kill * 100_000, random.integer(20, 400))));
  }
  const log = await open(folder);
  const records = await readAll(log);
  await log.close();
  assert.ok(lines.length > 12 * 20, `only ${lines.length} records were acknowledged`);
  assert.ok((await segmentsIn(folder)).length > 2, "the log never began a new file");
  assert.equal(complaint(lines, records), undefined);
  t.diagnostic(`${lines.length} records acknowledged, ${records.length} found after 12 kills`);
  // Planted bugs: a log that acknowledged its last record before it was written, one that swapped two, one that forgot.
  const last = Math.max(...lines.map((line) => Number(line.split("@")[1])));
  assert.match(complaint(lines, records.slice(0, last)) ?? "", /acknowledged .*found undefined/);
  const [zero, one, ...rest] = records;
  assert.ok(zero !== undefined && one !== undefined);
  const swapped = [{ ...zero, value: one.value }, { ...one, value: zero.value }, ...rest];
  assert.match(complaint(lines, swapped) ?? "", /acknowledged/);
  assert.match(complaint(lines, records.slice(1)) ?? "", /has the offset/);
});

/** The system's own file handle, so that a test can make its disk forget, fail or hang. */
async function diskOf(folder: string): Promise<FileHandle> {
  const handle = await openFile(folder, "r");
  await handle.close();
  return Object.getPrototypeOf(handle);
}

test("[DA4] a power cut takes only what was not synced: everything acknowledged before it is there", async (t) => {
  const folder = await folderOf(t);
  const disk = await diskOf(folder);
  const synced = new Map<number, number>();
  const previous = new Map<number, number>();
  const real = disk.datasync;
  t.mock.method(disk, "datasync", async function (this: FileHandle): Promise<void> {
    const { ino, size } = await this.stat();
    await real.call(this);
    previous.set(ino, synced.get(ino) ?? 0);
    synced.set(ino, size);
  });
  const log = await open(folder, { ...small, logGroupKib: 0.5 });
  const lines: string[] = [];
  const moments: { readonly lines: readonly string[]; readonly kept: ReadonlyMap<number, number> }[] = [];
  const late: typeof moments = [];
  const appends = Array.from({ length: 60 }, async (_, number) => {
    const offset = await log.append([bytes(`${number}:${"x".repeat(number)}`)]);
    lines.push(`${number}@${offset}`);
    moments.push({ lines: [...lines], kept: new Map(synced) });
    late.push({ lines: [...lines], kept: new Map(previous) });
  });
  await Promise.all(appends);
  await log.close();
  const whole = await Promise.all(
    (await segmentsIn(folder)).map(async (file) => ({
      name: basename(file),
      ino: (await stat(file)).ino,
      content: await readFile(file),
    })),
  );
  const afterCut = async (moment: (typeof moments)[number]): Promise<string | undefined> => {
    const copy = await folderOf(t);
    for (const { name, ino, content } of whole) {
      const size = moment.kept.get(ino);
      if (size !== undefined) await writeFile(join(copy, name), content.subarray(0, size));
    }
    const again = await open(copy, small);
    try {
      return complaint(moment.lines, await readAll(again));
    } catch (error) {
      return String(error);
    } finally {
      await again.close();
    }
  };
  for (const at of [0, 7, 23, 59]) {
    const [moment, planted] = [moments[at], late[at]];
    assert.ok(moment !== undefined && planted !== undefined);
    assert.equal(await afterCut(moment), undefined);
    assert.match(
      (await afterCut(planted)) ?? "",
      /acknowledged/,
      "a log that acknowledges one sync too early",
    );
  }
});

test("[DA4] after a failed sync nothing is acknowledged any more, whatever later syncs say", async (t) => {
  const folder = await folderOf(t);
  const log = await open(folder);
  await fill(log, 3);
  const disk = await diskOf(folder);
  const broken = t.mock.method(disk, "datasync", () => Promise.reject(new Error("EIO: i/o error")));
  assert.equal(log.trouble(), undefined);
  await assert.rejects(log.append([bytes("lost")]), isFault("log-broken", "EIO", folder));
  assert.equal(log.trouble()?.code, "log-broken");
  broken.mock.restore();
  await assert.rejects(log.append([bytes("later")]), isFault("log-broken"));
  assert.equal((await readAll(log)).length, 3);
  await log.close();
});

test("[DA4] a disk that hangs makes nobody wait beyond the deadline", async (t) => {
  const folder = await folderOf(t);
  const log = await open(folder, { ...settings, logDeadlineSeconds: 0.02 });
  const disk = await diskOf(folder);
  const hung = Promise.withResolvers<void>();
  const hanging = t.mock.method(disk, "datasync", () => hung.promise);
  const first = log.append([bytes("first")]);
  await assert.rejects(first, isFault("log-slow"));
  await assert.rejects(log.append([bytes("second")]), isFault("log-slow"));
  assert.equal(log.trouble()?.code, "log-slow");
  hanging.mock.restore();
  hung.resolve();
  await log.close();
});

test("[DA7] a write that the system refuses half-way is taken back, and the log lives on", async (t) => {
  const folder = await folderOf(t);
  // The file may not grow beyond 20 000 bytes: the write that crosses it comes out short, then fails.
  const argv = ["--fsize=20000", process.execPath, "test/fixtures/log-writer.ts", folder, "0", "1"];
  const child = spawn("prlimit", argv, { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    printed += chunk;
  });
  const missing = await new Promise<boolean>((resolve) => {
    child.on("error", () => resolve(true));
    child.on("close", () => resolve(false));
  });
  if (missing) return t.skip("prlimit is missing: apt-get install util-linux");
  const lines = printed.split("\n").slice(0, -1);
  assert.match(lines.at(-1) ?? "", /refused log-full/);
  const log = await open(folder);
  const records = await readAll(log);
  assert.ok(records.length > 10);
  assert.equal(
    complaint(
      lines.filter((line) => line.includes("@")),
      records,
    ),
    undefined,
  );
  await log.close();
});
