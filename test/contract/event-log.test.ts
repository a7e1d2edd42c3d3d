// What the event log promises besides durability: order, recovery, bounds, one writer.
import assert from "node:assert/strict";
import { readdir, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { frameBytes } from "#data/frame.ts";
import {
  bytes,
  fill,
  folderOf,
  isFault,
  open,
  readAll,
  segmentsIn,
  settings,
  small,
  text,
} from "./event-log-builders.ts";

async function flip(file: string, position: number): Promise<void> {
  const content = await readFile(file);
  content[position] = (content[position] ?? 0) ^ 0x40;
  await writeFile(file, content);
}

test("[DA4] appends at once share a few syncs, keep their order, and are read only when durable", async (t) => {
  const folder = await folderOf(t);
  const log = await open(folder, small);
  const appended = Array.from({ length: 500 }, (_, number) => log.append([bytes(`${number}`)]));
  assert.deepEqual(await log.read(0, 10), [], "nothing is durable yet");
  assert.deepEqual(
    await Promise.all(appended),
    Array.from({ length: 500 }, (_, number) => number),
  );
  assert.deepEqual(
    (await readAll(log)).map((record) => text(record.value)),
    Array.from({ length: 500 }, (_, number) => `${number}`),
  );
  assert.deepEqual(
    (await log.read(250, 3)).map((record) => record.offset),
    [250, 251, 252],
  );
  assert.deepEqual(await log.read(500, 10), []);
  assert.equal(log.end(), 500);
  await log.close();
  await assert.rejects(log.append([bytes("late")]), isFault("log-closed"));
});

test("[DA4] closing waits for what was handed over", async (t) => {
  const folder = await folderOf(t);
  const log = await open(folder);
  const appended = log.append([bytes("a"), bytes("b")]);
  await log.close();
  assert.equal(await appended, 0);
  const again = await open(folder);
  assert.equal(again.end(), 2);
  await again.close();
});

test("[DA5] a torn tail is cut, wherever it was torn, and appending goes on there", async (t) => {
  const folder = await folderOf(t);
  const log = await open(folder);
  await fill(log, 10);
  await log.close();
  const [file = ""] = await segmentsIn(folder);
  const whole = await readFile(file);
  const frame = (whole.length - 8) / 10;
  for (const cut of [1, 7, 19, 20, 50, frame - 1, frame, frame + 3, whole.length - 3]) {
    await writeFile(file, whole.subarray(0, whole.length - cut));
    const notes: string[] = [];
    const kept = Math.max(0, Math.floor((whole.length - 8 - cut) / frame));
    const after = await open(folder, settings, notes);
    assert.equal(after.end(), kept, `cut ${cut}`);
    assert.equal(await after.append([bytes("next")]), kept);
    assert.equal((await readAll(after)).length, kept + 1);
    await after.close();
    const torn = cut % frame !== 0 && cut < whole.length - 8;
    assert.equal(notes.length, torn ? 1 : 0, `cut ${cut}: ${notes.join()}`);
  }
});

test("[DA5] a rotten byte in the last batch is cut and reported", async (t) => {
  const folder = await folderOf(t);
  const log = await open(folder);
  await fill(log, 5);
  await log.close();
  const [file = ""] = await segmentsIn(folder);
  await flip(file, (await stat(file)).size - 10);
  const notes: string[] = [];
  const again = await open(folder, settings, notes);
  assert.equal(again.end(), 4);
  assert.match(notes.join(), /cut 120 bytes of a torn tail; the log ends at record 4/);
  assert.ok(notes.join().includes(file));
  await again.close();
});

test("[DA6] a rotten byte before the last batch is named, and nothing acknowledged after it is lost", async (t) => {
  const folder = await folderOf(t);
  const log = await open(folder);
  await fill(log, 10);
  await log.close();
  const [file = ""] = await segmentsIn(folder);
  const position = 8 + 3 * 120;
  await flip(file, position + 60);
  const before = await readFile(file);
  const notes: string[] = [];
  const again = await open(folder, settings, notes);
  assert.match(notes.join(), /damaged at byte 368 .* goes on in a new file at record 10/);
  assert.equal(await again.append([bytes("eleventh")]), 10);
  assert.equal((await again.read(0, 100)).length, 3, "what stands before the damage is still read");
  await assert.rejects(again.read(3, 100), isFault("log-damaged", file, `byte ${position}`, "record 3"));
  assert.deepEqual(await readFile(file), before, "the damaged file is left as it was");
  await again.close();
  await rename(file, `${file}.given-up`);
  const third = await open(folder);
  assert.deepEqual(
    (await readAll(third)).map((record) => record.offset),
    [10],
  );
  await third.close();
});

test("[DA6] damage in a file that is not the last, or a file that is gone, stops the reader there", async (t) => {
  const folder = await folderOf(t);
  const log = await open(folder, small);
  await fill(log, 40);
  await log.close();
  const files = await segmentsIn(folder);
  const [first = "", second = ""] = files;
  assert.ok(files.length >= 4);
  const perFile = ((await stat(first)).size - 8) / 120;
  await flip(first, 8 + 120 + 1);
  const again = await open(folder, small);
  assert.equal(again.end(), 40);
  await assert.rejects(readAll(again), isFault("log-damaged", first, "byte 128", "record 1"));
  assert.equal((await readAll(again, perFile)).length, 40 - perFile);
  await again.close();
  await rm(second);
  const third = await open(folder, small);
  await flip(first, 8 + 120 + 1);
  await assert.rejects(readAll(third), isFault("log-damaged", first, `record ${perFile}`));
  await third.close();
});

test("[DA7] a full log refuses, forgets nothing, and takes records again once others were read", async (t) => {
  const folder = await folderOf(t);
  const tight = { ...small, logTotalMib: 0.004, logRetentionSeconds: 3600 };
  const log = await open(folder, tight);
  let taken = 0;
  const refused = await (async () => {
    for (;;) {
      try {
        await fill(log, 1);
        taken += 1;
      } catch (error) {
        return error;
      }
    }
  })();
  assert.ok(isFault("log-full", "MILLRACE_LOG_TOTAL_MIB")(refused), String(refused));
  assert.equal(log.trouble()?.code, "log-full");
  assert.ok(log.fill() > 0.9 && log.fill() <= 1, `${log.fill()}`);
  assert.equal((await readAll(log)).length, taken);
  await log.truncateBefore(20);
  assert.ok(log.fill() < 0.6, `${log.fill()}: what was read takes no room`);
  assert.equal((await readAll(log)).length, taken, "kept for its retention while there is room");
  await fill(log, 5);
  assert.equal(log.end(), taken + 5);
  assert.equal(log.trouble(), undefined);
  const left = await readAll(log);
  const oldest = left[0]?.offset ?? 0;
  assert.ok(oldest > 0 && oldest <= 20, `dropped up to ${oldest}`);
  assert.equal(left.length, taken + 5 - oldest);
  await log.close();
});

test("[DA140] how full the log is goes from nothing to one, where it refuses, and falls when records were read", async (t) => {
  const folder = await folderOf(t);
  const log = await open(folder, { ...small, logTotalMib: 0.004 });
  assert.ok(log.fill() < 0.01, `${log.fill()}`);
  assert.equal(log.first(), 0);
  const seen: number[] = [];
  const refused = await (async () => {
    for (;;) {
      try {
        await fill(log, 1);
        seen.push(log.fill());
      } catch (error) {
        return error;
      }
    }
  })();
  assert.ok(isFault("log-full", "MILLRACE_LOG_TOTAL_MIB")(refused));
  assert.deepEqual(seen, seen.toSorted(), "it only rises while nobody reads");
  assert.ok(log.fill() > 0.95 && log.fill() <= 1, `${log.fill()}`);
  assert.ok(log.bytes() > 3900, `${log.bytes()}`);
  const full = log.fill();
  await log.truncateBefore(20);
  assert.ok(log.fill() < full && log.first() > 0 && log.first() <= 20, `${log.fill()}, ${log.first()}`);
  const idle = log.fill();
  const waiting = log.append([bytes("x".repeat(500))]);
  assert.ok(log.fill() > idle, "what waits for the disk counts");
  await waiting;
  await log.close();
});

test("[DA271] what is kept behind its readers is no fill: it stays while there is room, and makes way when there is none", async (t) => {
  const log = await open(await folderOf(t), { ...small, logTotalMib: 0.004 });
  await fill(log, 20);
  const full = log.fill();
  await log.truncateBefore(20, 0);
  assert.equal(log.first(), 0, "still there");
  assert.ok(log.fill() < full / 2, `${log.fill()}`);
  await fill(log, 20);
  assert.equal(log.end(), 40);
  assert.ok(log.first() > 0, "it made way");
  await log.truncateBefore(40, 30);
  assert.ok(log.first() <= 30 && (await log.read(30, 1))[0]?.offset === 30, `${log.first()}`);
  await log.close();
});

test("[DA7] too much at once, too long a record and too long a queue are refused by name", async (t) => {
  const folder = await folderOf(t);
  const log = await open(folder, { ...settings, logRecordKib: 1, logQueueMib: 0.01 });
  await assert.rejects(log.append([new Uint8Array(1025)]), isFault("log-record-too-long", "1024", "1025"));
  const many = Array.from({ length: 30 }, () => log.append([new Uint8Array(1000)]));
  const ends = await Promise.allSettled(many);
  const refused = ends.filter((end) => end.status === "rejected");
  assert.ok(refused.length > 0 && refused.length < 30);
  assert.ok(refused.every((end) => isFault("log-full", "MILLRACE_LOG_QUEUE_MIB")(end.reason)));
  assert.equal((await readAll(log)).length, 30 - refused.length);
  await log.close();
});

test("[DA8] dropping reads only whole files, and offsets go on, also after the next start", async (t) => {
  const folder = await folderOf(t);
  const log = await open(folder, small);
  await fill(log, 40);
  const before = (await segmentsIn(folder)).length;
  await log.truncateBefore(1);
  assert.equal((await segmentsIn(folder)).length, before);
  await log.truncateBefore(40);
  assert.equal((await segmentsIn(folder)).length, 1, "the file that is written to stays");
  await log.close();
  const again = await open(folder, small);
  assert.equal(again.end(), 40);
  assert.equal(await again.append([bytes("x")]), 40);
  const [first] = await again.read(0, 1);
  assert.ok((first?.offset ?? 0) > 0, "reading from before the start begins at what is kept");
  await again.truncateBefore(10_000);
  assert.equal(await again.append([bytes("y")]), 41);
  await again.close();
});

test("[DA9] a second writer is refused by name; a dead one's lock is taken over", async (t) => {
  const folder = await folderOf(t);
  const log = await open(folder);
  await assert.rejects(open(folder), isFault("data-folder-taken", `${process.pid}`, folder));
  await log.close();
  for (const stale of ["999999999 1 no-such-boot", `${process.pid} 1 another-boot`, "", "not a lock"]) {
    await writeFile(join(folder, "lock"), stale);
    await (await open(folder)).close();
  }
  assert.deepEqual(
    (await readdir(folder)).filter((file) => file.startsWith("lock")),
    [],
  );
});

test("[DA10] a folder or file that is not ours is refused and left alone", async (t) => {
  const folder = await folderOf(t);
  await writeFile(join(folder, "holiday.mp4"), "film");
  await assert.rejects(open(folder), isFault("data-folder-foreign", "holiday.mp4"));
  assert.deepEqual(await readdir(folder), ["holiday.mp4"]);
  await rename(join(folder, "holiday.mp4"), join(folder, "0000000000000000.log"));
  await truncate(join(folder, "0000000000000000.log"), 4000);
  await assert.rejects(open(folder), isFault("data-folder-foreign", "not a log file"));
  assert.equal((await stat(join(folder, "0000000000000000.log"))).size, 4000);
});

test("[DA119] the log says what it holds, and how long each flush took", async (t) => {
  const log = await open(await folderOf(t));
  const took: number[] = [];
  log.onSync((seconds) => took.push(seconds));
  const empty = log.bytes();
  await fill(log, 3);
  assert.equal(took.length, 3);
  assert.ok(
    took.every((seconds) => seconds > 0 && seconds < 60),
    `${took}`,
  );
  assert.ok(log.bytes() > empty + 300);
  await log.close();
});

test("[DA320] who came while a group was written waits for company, and goes with it", async (t) => {
  const log = await open(await folderOf(t), { ...settings, logGroupKib: 1, logGroupMs: 60_000 });
  let syncs = 0;
  log.onSync(() => {
    syncs += 1;
  });
  const framed = (whole: number): Uint8Array => bytes("".padEnd(whole - frameBytes(0), "."));
  const first = log.append([framed(1024)]);
  const second = log.append([framed(100)]);
  await first;
  await new Promise(setImmediate);
  const third = log.append([framed(924)]);
  assert.deepEqual(await Promise.all([first, second, third]), [0, 1, 2]);
  assert.equal(syncs, 2);
  await log.close();
});
