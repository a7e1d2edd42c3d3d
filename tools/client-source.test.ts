// The pages' client and the control plane must not disagree.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { clientFiles, clientSources } from "./client-source.ts";

test("[WE50] the pages' client is what the control plane's routes make of it", async () => {
  const sources = await clientSources();
  assert.deepEqual([...sources.keys()], Object.keys(clientFiles));
  for (const [path, text] of sources) assert.equal(readFileSync(path, "utf8"), text, "run: npm run generate");
});

test("[WE50] no page writes an address of the API by hand", () => {
  const pages = execFileSync("git", ["ls-files", "web/*.ts", "web/*.tsx"], { encoding: "utf8" })
    .split("\n")
    .filter(
      (path) => path !== "" && !/\.test\.ts$|vite\.config\.ts$/.test(path) && clientFiles[path] === undefined,
    );
  assert.ok(pages.length > 30);
  assert.deepEqual(
    pages.filter((path) => /["'`]\/v1\//.test(readFileSync(path, "utf8"))),
    [],
  );
});
