import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openDisk } from "./disk.ts";
import { leaveProofs, takeProofs } from "./handed-over.ts";

test("[ED87] what was verified is handed over once, but for files that were touched, replaced or lost since", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-handed-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const disk = await openDisk(folder);
  mkdirSync(join(disk.served, "t1"));
  const place = (name: string): string => join(disk.served, "t1", name);
  const names = ["same", "touched", "replaced", "lost"];
  for (const name of names) writeFileSync(place(name), "content");
  const sha256 = "a".repeat(64);
  const path = join(folder, "handed-over.txt");
  await leaveProofs(path, disk, new Map([...names, "never"].map((name) => [`t1/${name}`, sha256])));
  writeFileSync(place("touched"), "CONTENTS");
  writeFileSync(place("other"), "content");
  renameSync(place("other"), place("replaced"));
  rmSync(place("lost"));
  assert.deepEqual(await takeProofs(path, disk), new Map([["t1/same", sha256]]));
  assert.deepEqual(await takeProofs(path, disk), new Map());
});
