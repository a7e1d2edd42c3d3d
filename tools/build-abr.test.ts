// The package's entry as others get it: built into a folder of its own, imported by itself, and used as its README says.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { bundle, declarations } from "./build-abr.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-entry-"));
after(() => rmSync(folder, { recursive: true, force: true }));
/** 8 kB. */
const mostBytes = 8 * 1024;

function read(name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

/** What a module takes from others, in whatever form. */
function imports(text: string): readonly string[] {
  return text.match(/\b(import|export)\b[^;]*?\bfrom\s*["'][^"']+["']|\bimport\s*["'(]|\brequire\(/g) ?? [];
}

test("[PY97] the built file imports nothing and works when it is imported by itself", async () => {
  await bundle("src/abr/entry.ts", folder, "abr");
  assert.deepEqual(imports(read("abr.js")), []);
  assert.deepEqual(imports('import{a}from"b";').length, 1, "an import would be seen");
  const entry: unknown = await import(pathToFileURL(join(folder, "abr.js")).href);
  const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
  assert.deepEqual(exports, { "./abr": { types: "./dist/abr.d.ts", default: "./dist/abr.js" } });
  assert.deepEqual(Object.keys(Object(entry)).toSorted(), [
    "AbrSession",
    "ShakaAbrManager",
    "attachToDash",
    "attachToShaka",
    "defaultRule",
    "hlsConfig",
    "named",
  ]);
});

test("[PY97] the core with the Shaka adapter is at most 8 kB compressed", async (t) => {
  await bundle("src/abr/shaka-attach.ts", folder, "shaka");
  const bytes = gzipSync(read("shaka.js"), { level: 9 }).length;
  const whole = gzipSync(read("abr.js"), { level: 9 }).length;
  t.diagnostic(`core and Shaka adapter: ${bytes} bytes min+gzip; with the other two players: ${whole}`);
  assert.match(read("shaka.js"), /segmentappended/);
  assert.ok(bytes <= mostBytes, `${bytes} bytes`);
});

/** The code of the README, block by block. */
function examples(): readonly string[] {
  return [...readFileSync("src/abr/README.md", "utf8").matchAll(/^```ts\n(.*?)^```$/gms)].map(
    ([, code = ""]) => code,
  );
}

function compile(blocks: readonly string[]): string {
  const files = blocks.map((code, index) => {
    const file = join(folder, `example-${index}.ts`);
    writeFileSync(file, code);
    return file;
  });
  writeFileSync(join(folder, "abr.d.ts"), declarations());
  // The players' types are found where this repository has them.
  const players = Object.fromEntries(
    ["hls.js", "dashjs"].map((name) => [name, [resolve("node_modules", name)]]),
  );
  const shaka = { "shaka-player": [resolve("node_modules/shaka-player/dist/shaka-player.compiled.d.ts")] };
  const compilerOptions = {
    ...{ strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: true },
    ...{ target: "es2024", module: "esnext", moduleResolution: "bundler", types: [] },
    paths: { "millrace/abr": [join(folder, "abr.d.ts")], ...players, ...shaka },
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const argv = [resolve("node_modules/typescript/bin/tsc"), "-p", folder];
  return spawnSync(process.execPath, argv, { encoding: "utf8", timeout: 120_000 }).stdout;
}

test("[PY96] every example is at most ten lines of code, and the compiler takes it", () => {
  const all = examples();
  assert.ok(all.length >= 5, `only ${all.length} examples found`);
  for (const code of all) {
    const lines = code.split("\n").filter((line) => line.trim() !== "" && !line.trim().startsWith("//"));
    assert.ok(lines.length <= 10, `${lines.length} lines: ${code}`);
  }
  assert.equal(compile(all), "");
  assert.match(
    compile(all.map((code) => code.replace("{ sizes,", "{ sizes: 5,"))),
    /not assignable/,
    "a wrong one is seen",
  );
});
