import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { claimFile } from "./claim-file.ts";
import { nameOf } from "./living.ts";

test("[EN69] of many who find the claim of a dead process, one takes it over, and nothing else is left", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-claim-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const mine = await nameOf(process.pid);
  for (let round = 0; round < 60; round++) {
    const file = join(folder, `${round}`);
    await writeFile(file, "4194399 1");
    // An heir that died before it took the place.
    if (round % 2 === 1) await writeFile(`${file}.after-4194399-1`, "4194398 1");
    const claims = await Promise.all(Array.from({ length: 8 }, () => claimFile(file)));
    assert.equal(claims.filter((owner) => owner === undefined).length, 1, `round ${round}`);
    assert.ok(claims.every((owner) => owner === undefined || owner === mine));
    assert.equal(await readFile(file, "utf8"), mine);
  }
  assert.equal((await readdir(folder)).length, 60);
});
