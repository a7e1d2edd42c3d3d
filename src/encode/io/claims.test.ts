import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { nameOf } from "#io/living.ts";
import { Fault } from "#units/fault.ts";
import { milliseconds } from "#units/quantity.ts";
import { doInBatches, doTogether, type Job } from "./claims.ts";

const { signal } = new AbortController();
/** Whoever runs this test lives as long as it does, and is another process. */
const other = await nameOf(process.ppid);

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-claims-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function jobIn(folder: string, done: Map<string, string>): Job<string, string> {
  return {
    path: (name) => join(folder, name),
    kept: async (name) => done.get(name),
    make: async (name) => {
      done.set(name, "made");
      return "made";
    },
  };
}

test("[EN80] a claim that is held too long is a fault with process and file; what else there was to do is done", () =>
  inFolder(async (folder) => {
    const claim = join(folder, "held.claim");
    await writeFile(claim, other);
    const done = new Map<string, string>();
    const crew = { jobs: 1, claimWait: milliseconds(300) };
    await assert.rejects(doTogether(["held", "free", "last"], crew, signal, jobIn(folder, done)), (error) => {
      assert.ok(error instanceof Fault, String(error));
      assert.equal(error.code, "encode-claim-held");
      assert.deepEqual([error.facts.pid, error.facts.file], [process.ppid, claim]);
      assert.match(error.message, new RegExp(`Process ${process.ppid} .*held\\.claim.*CLAIM_SECONDS`));
      return true;
    });
    assert.deepEqual([...done.keys()], ["free", "last"]);
    assert.deepEqual(await readdir(folder), ["held.claim"], "the other's claim is left alone");
  }));

test("[EN80] a result that comes in time is taken", () =>
  inFolder(async (folder) => {
    const claim = join(folder, "held.claim");
    await writeFile(claim, other);
    const done = new Map<string, string>();
    const job = jobIn(folder, done);
    let looks = 0;
    // Asked for its place once a round.
    const path = (name: string): string => {
      looks++;
      return job.path(name);
    };
    const crew = { jobs: 1, claimWait: milliseconds(60_000) };
    const running = doTogether(["held"], crew, signal, { ...job, path });
    while (looks < 2) await new Promise((next) => setImmediate(next));
    done.set("held", "made by the other");
    await rm(claim);
    assert.deepEqual(await running, ["made by the other"]);
  }));

test("[EN80] whoever waits can be stopped", () =>
  inFolder(async (folder) => {
    await writeFile(join(folder, "held.claim"), other);
    const stop = new AbortController();
    const crew = { jobs: 1, claimWait: milliseconds(60_000) };
    const running = doTogether(["held"], crew, stop.signal, jobIn(folder, new Map()));
    setImmediate(() => stop.abort(new Error("enough")));
    await assert.rejects(running, (error: Error) => /enough|aborted/.test(`${error.message} ${error.cause}`));
  }));

test("[EN143] processes with other batches do each job once, and do not stand still over each other", () =>
  inFolder(async (folder) => {
    const done = new Map<string, string>();
    const made: (readonly string[])[] = [];
    const one = jobIn(folder, done);
    const job = {
      ...one,
      make: async (names: readonly string[], both: AbortSignal) => {
        made.push(names);
        await new Promise((next) => setImmediate(next));
        return Promise.all(names.map((name) => one.make(name, both)));
      },
    };
    const crew = { jobs: 1, claimWait: milliseconds(60_000) };
    // Each has first what the other wants next. A claim of this process is as good as another's.
    const [left, right] = await Promise.all([
      doInBatches([["a", "b"], ["c", "d"], ["e"]], crew, signal, job),
      doInBatches(
        [
          ["d", "a"],
          ["b", "c", "e"],
        ],
        crew,
        signal,
        job,
      ),
    ]);
    assert.deepEqual([left.length, right.length], [5, 5]);
    assert.deepEqual(made.flat().sort(), ["a", "b", "c", "d", "e"]);
    assert.deepEqual(await readdir(folder), [], "no claim is left");
  }));

test("[EN143] of a batch only what lacks is done, and what is claimed comes from whoever does it", () =>
  inFolder(async (folder) => {
    await writeFile(join(folder, "held.claim"), other);
    const done = new Map([["kept", "before"]]);
    const one = jobIn(folder, done);
    const made: (readonly string[])[] = [];
    const job = {
      ...one,
      make: async (names: readonly string[]) => {
        made.push(names);
        // Whoever had it is done, too.
        done.set("held", "by the other");
        await rm(join(folder, "held.claim"));
        return names.map(() => "made");
      },
    };
    const crew = { jobs: 1, claimWait: milliseconds(60_000) };
    const results = await doInBatches([["held", "free", "kept", "last"]], crew, signal, job);
    assert.deepEqual(results, ["by the other", "made", "before", "made"]);
    assert.deepEqual(made, [["free", "last"]]);
  }));
