import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { dataSettings } from "#data/settings.ts";
import { openEventLog } from "./event-log.ts";
import { logNameFile, nameOfLog } from "./log-name.ts";

test("[DA213] a log keeps its name, and a copy of it, on whichever machine, gets another", async (t) => {
  const home = await mkdtemp(join(tmpdir(), "millrace-log-name-"));
  t.after(() => rm(home, { recursive: true, force: true }));
  const [folder, copy] = [join(home, "log"), join(home, "copy")];
  const named = async (at: string, machine = "one\n"): Promise<string> => {
    const signal = new AbortController().signal;
    const log = await openEventLog({ folder: at, settings: defaultsOf(dataSettings), signal });
    return nameOfLog(at, machine).finally(() => log.close());
  };
  const name = await named(folder);
  assert.equal(await named(folder), name);
  await cp(folder, copy, { recursive: true });
  const copied = await named(copy);
  assert.notEqual(copied, name);
  assert.deepEqual([await named(copy), await named(folder)], [copied, name]);
  const moved = await named(copy, "two");
  assert.notEqual(moved, copied, "a machine that was cloned, and told so");
  assert.equal(await named(copy, "two"), moved);
  assert.ok(!(await readFile(join(copy, logNameFile), "utf8")).includes("two"), "a digest alone is kept");
  await rm(copy, { recursive: true });
  assert.notEqual(await named(copy, "two"), moved, "a log that was lost");
  for (const spoiled of ["", "\n", name]) {
    await writeFile(join(folder, logNameFile), spoiled);
    assert.notEqual(await named(folder), name, JSON.stringify(spoiled));
  }
});
