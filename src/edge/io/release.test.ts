import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { copyRelease, releasesIn } from "./release.ts";

test("[ED107] only what was copied as a release is one, whatever other folders are called", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-release-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [from, prefix, node] = [join(folder, "from"), join(folder, "prefix"), "node_modules/node/bin/node"];
  mkdirSync(join(from, "node_modules/node/bin"), { recursive: true });
  writeFileSync(join(from, node), "");
  mkdirSync(join(prefix, "tool-999999999999"), { recursive: true });
  mkdirSync(join(prefix, "0.1.0-bbbbbbbbbbbb"));
  writeFileSync(join(prefix, "0.1.0-bbbbbbbbbbbb/.millrace-release"), "0.1.0-cccccccccccc\n");
  await copyRelease(from, join(prefix, "0.1.0-aaaaaaaaaaaa"), [node]);
  assert.deepEqual(await releasesIn(prefix), ["0.1.0-aaaaaaaaaaaa"]);
  assert.deepEqual(await releasesIn(join(folder, "none")), []);
});
