import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { arrivalPath } from "#publish/io/film-folders.ts";
import { easyInspector, facts, openDesk } from "#test/fixtures/film-rig.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";
import { Fault } from "#units/fault.ts";

const film = Buffer.from("a film of forty bytes, which is not long");
const sha256 = createHash("sha256").update(film).digest("hex");

async function inHome(work: (home: string) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "millrace-desk-"));
  try {
    await work(home);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

const waiting = {
  kind: "upload" as const,
  ...{ accountId: "ann", fileName: "f.mov", titleName: "f", bytes: film.length, sha256: undefined },
  ...{ url: undefined, validator: undefined, refusal: undefined, masterId: undefined },
} as const;

test("[PB16] abandoned uploads, old records and files that no record speaks of are thrown away", () =>
  inHome(async (home) => {
    const stores = memoryStores();
    const now = Date.now();
    const row = (id: string, state: "receiving" | "accepted" | "refused", ageHours: number) => {
      const at = now - ageHours * 3_600_000;
      return { ...waiting, id: id.repeat(32), state, createdAtMs: at, touchedAtMs: at };
    };
    const rows = [row("a", "receiving", 49), row("b", "receiving", 47), row("c", "refused", 31 * 24)];
    for (const one of [...rows, row("d", "accepted", 29 * 24)])
      await stores.uploads.begin(one, () => undefined);
    const before = await openDesk(home, stores);
    await before.close();
    for (const id of ["a", "b", "e"]) await writeFile(arrivalPath(before.folders, id.repeat(32)), "half");
    await writeFile(join(home, "uploads", "notes.txt"), "an operator's own");
    const desk = await openDesk(home, stores);
    await desk.sweep();
    const left = (await readdir(join(home, "uploads"))).sort();
    assert.deepEqual(left, ["b".repeat(32), "notes.txt", "refused"]);
    const known = await Promise.all(["a", "b", "c", "d"].map((id) => stores.uploads.arrival(id.repeat(32))));
    assert.deepEqual(
      known.map((one) => one !== undefined),
      [false, true, false, true],
    );
    await desk.close();
  }));

test("[PB20] a crash after any step of accepting a film is ended by the next start", async () => {
  const id = "a".repeat(32);
  for (const crash of ["whole", "checking", "linked", "recorded"] as const) {
    await inHome(async (home) => {
      const stores = memoryStores();
      const first = await openDesk(home, stores);
      await first.close();
      const state = crash === "whole" ? "receiving" : "checking";
      await stores.uploads.begin(
        { ...waiting, id, state, createdAtMs: 1, touchedAtMs: Date.now() },
        () => undefined,
      );
      await writeFile(arrivalPath(first.folders, id), film);
      const master = { ...waiting, id: `m-${sha256.slice(0, 32)}`, sha256, createdAtMs: 1, facts };
      if (crash === "linked" || crash === "recorded") await writeFile(join(home, "masters", sha256), film);
      if (crash === "recorded") await stores.uploads.accept(id, master, Date.now());
      const desk = await openDesk(home, stores);
      await desk.idle();
      await desk.sweep();
      await desk.close();
      assert.equal((await stores.uploads.arrival(id))?.state, "accepted", crash);
      assert.equal((await stores.uploads.master(master.id))?.sha256, sha256, crash);
      assert.deepEqual(await readFile(join(home, "masters", sha256)), film);
      assert.deepEqual((await readdir(join(home, "uploads"))).sort(), ["refused"], crash);
    });
  }
});

test("[PB21] a film that the machine cannot check is tried again, then refused with the machine's reason", () =>
  inHome(async (home) => {
    let left = 2;
    const inspect: typeof easyInspector.inspect = async (...order) => {
      if (left-- > 0)
        throw new Fault({ code: "encode-disk-full", status: 500, sentence: "The disk is full." });
      return easyInspector.inspect(...order);
    };
    for (const [failures, state] of [
      [2, "accepted"],
      [3, "refused"],
    ] as const) {
      const stores = memoryStores();
      left = failures;
      const desk = await openDesk(home, stores, { inspector: { ...easyInspector, inspect } });
      const row = {
        ...waiting,
        id: "f".repeat(32),
        state: "receiving",
        createdAtMs: 1,
        touchedAtMs: 1,
      } as const;
      await stores.uploads.begin(row, () => undefined);
      await writeFile(arrivalPath(desk.folders, row.id), film);
      await desk.finished(row.id);
      await desk.finished(row.id);
      await desk.idle();
      await desk.close();
      const seen = await stores.uploads.arrival(row.id);
      assert.equal(seen?.state, state);
      if (state === "refused")
        assert.match(seen?.refusal?.sentence ?? "", /checked 3 times: The disk is full/);
    }
  }));
