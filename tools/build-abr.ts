// `npm run build:abr`: the package's entry `millrace/abr` as one file without imports, dist/abr.js, and its types, dist/abr.d.ts.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { build } from "vite";

const entry = "src/abr/entry.ts";

/** Bundles a file of the repository and what it imports into `folder`/`name`.js. */
export async function bundle(file: string, folder: string, name: string): Promise<void> {
  await build({
    root: resolve("."),
    configFile: false,
    publicDir: false,
    logLevel: "error",
    build: {
      lib: { entry: resolve(file), formats: ["es"], fileName: () => `${name}.js` },
      outDir: resolve(folder),
      emptyOutDir: false,
      target: "es2022",
      minify: true,
      // By default a library's white space is kept, for a bundler that comes after: here none does.
      rolldownOptions: { output: { minify: true } },
    },
  });
}

/** The types of the entry and of all that it speaks of, as one text without imports. */
export function declarations(): string {
  const folder = mkdtempSync(join(tmpdir(), "millrace-types-"));
  try {
    emit(folder);
    return joined(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function emit(folder: string): void {
  const config = join(folder, "tsconfig.json");
  const compilerOptions = { noEmit: false, declaration: true, emitDeclarationOnly: true, outDir: folder };
  const all = { ...compilerOptions, rootDir: resolve("src"), types: [] };
  const settings = {
    extends: resolve("tsconfig.json"),
    compilerOptions: all,
    files: [resolve(entry)],
    include: [],
  };
  writeFileSync(config, JSON.stringify(settings));
  const argv = [resolve("node_modules/typescript/bin/tsc"), "-p", config];
  const done = spawnSync(process.execPath, argv, { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`the types of ${entry} could not be written: ${done.stdout}`);
}

/** Modules one after the other. Imports between them fall away, since every name stands for one thing only. */
function joined(folder: string): string {
  const door = "abr/entry.d.ts";
  const bodies = reached(folder, door).map((file) =>
    readFileSync(join(folder, file), "utf8")
      .replaceAll(/^(import [^;]*;|export \{\};)\n/gm, "")
      .replaceAll(/^export /gm, ""),
  );
  const kinds = /^(?:declare )?(?:interface|type|class|const|function) (\w+)/gm;
  const names = bodies.flatMap((body) => [...new Set([...body.matchAll(kinds)].map(([, name]) => name))]);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) throw new Error(`these names stand for two things each: ${twice.join(", ")}`);
  const exported = readFileSync(join(folder, door), "utf8").replaceAll(/ from "[^"]+"/g, "");
  return [...bodies, exported].join("");
}

/** Every module that `door` speaks of, itself left out. */
function reached(folder: string, door: string): readonly string[] {
  const found = [door];
  // The list grows while it is walked.
  for (const file of found) {
    for (const [, from = ""] of readFileSync(join(folder, file), "utf8").matchAll(/ from "([^"]+)\.ts"/g)) {
      const path = from.startsWith("#") ? `${from.slice(1)}.d.ts` : join(dirname(file), `${from}.d.ts`);
      if (!found.includes(path)) found.push(path);
    }
  }
  return found.slice(1);
}

if (import.meta.main) {
  await bundle(entry, "dist", "abr");
  writeFileSync("dist/abr.d.ts", declarations());
}
