// A release: this Millrace, as much of it as an appliance runs, copied to where a service may run it from.
//
// A clone is no such place. It lies in somebody's home, which the service cannot see; it belongs to somebody who can
// change it; and `git pull` would change the files under a running agent. A copy is root's, has a name made of what is
// in it, and is never changed: an upgrade is another copy and one link.
import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, open, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ReleaseFacts } from "#edge/install-machine.ts";
import { readIfThere, removeTree } from "#io/files.ts";

/** The Millrace that runs: the clone, or a release. */
export const ownFolder = fileURLToPath(new URL("../../../", import.meta.url));

/** What an appliance imports at run time; what these need themselves is found. */
const packages = ["citty", "pino", "zod"];
const nodeFiles = ["node_modules/node/package.json", "node_modules/node/bin/node"];
const ownFiles = ["millrace", "package.json", "package-lock.json", "LICENSE", "docs/appliance-debian.md"];

export interface Release {
  readonly facts: Omit<ReleaseFacts, "present">;
  /** Relative to the folder it is copied from, sorted. */
  readonly paths: readonly string[];
}

export async function readRelease(folder: string): Promise<Release> {
  const node = nodeFiles.filter((path) => !path.endsWith("bin/node"));
  const version = await versionOf(join(folder, "package.json"));
  const nodeVersion = await versionOf(join(folder, "node_modules/node/package.json"));
  const isNodeThere = await stat(join(folder, "node_modules/node/bin/node")).catch(() => undefined);
  const found = [
    ...(await existing(folder, [...ownFiles, ...node, ...nodeFiles])),
    ...(await filesBelow(folder, "src")).filter((path) => !/\.test\.ts$/.test(path)),
    ...(await packageFiles(folder)),
  ];
  const paths = [...new Set(found)].sort();
  const { digest, bytes } = await fingerprint(folder, paths);
  return {
    facts: {
      name: `${version ?? "0"}-${digest}`,
      node: isNodeThere === undefined ? undefined : nodeVersion,
      files: paths.length,
      bytes,
    },
    paths,
  };
}

/** In each copy, with its name: other folders below the prefix are not ours to replace or remove, whatever they are called. */
const mark = ".millrace-release";

/** Releases that were copied below a prefix, newest first. */
export async function releasesIn(prefix: string): Promise<readonly string[]> {
  const entries = await readdir(prefix, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const marks = await Promise.all(
    folders.map((name) => readFile(join(prefix, name, mark), "utf8").catch(() => "")),
  );
  const names = folders.filter((name, i) => marks[i] === `${name}\n`);
  const dated = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(prefix, name))).mtimeMs })),
  );
  return dated.sort((a, b) => b.at - a.at).map(({ name }) => name);
}

/** Copies whole or not at all. Everyone may read it, nobody but root change it, whatever the clone's modes are. */
export async function copyRelease(from: string, to: string, paths: readonly string[]): Promise<void> {
  const fresh = `${to}.incoming`;
  await removeTree(fresh);
  await folderFor(fresh);
  for (const folder of foldersOf(paths)) await folderFor(join(fresh, folder));
  for (const path of paths) {
    const target = join(fresh, path);
    const { mode } = await stat(join(from, path));
    await copyFile(join(from, path), target);
    await chmod(target, (mode & 0o100) === 0 ? 0o644 : 0o755);
  }
  await writeFile(join(fresh, mark), `${basename(to)}\n`, { mode: 0o644 });
  await flush(join(fresh, "node_modules/node/bin/node"));
  await rename(fresh, to);
}

/** Every folder on the way to the files, outer ones first. */
function foldersOf(paths: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const path of paths) {
    for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) found.add(folder);
  }
  return [...found].sort();
}

async function folderFor(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o755);
}

async function flush(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Of our own files by what they hold; of packages by name and size, since the lock file pins what is in them. */
async function fingerprint(
  folder: string,
  paths: readonly string[],
): Promise<{ readonly digest: string; readonly bytes: number }> {
  const hash = createHash("sha256");
  let bytes = 0;
  for (const path of paths) {
    const { size } = await stat(join(folder, path));
    bytes += size;
    hash.update(`${path}\0${size}\0`);
    if (!path.startsWith("node_modules/")) hash.update(await readFile(join(folder, path)));
  }
  return { digest: hash.digest("hex").slice(0, 12), bytes };
}

async function packageFiles(folder: string): Promise<readonly string[]> {
  const needed = new Set<string>();
  const waiting = packages.map((name) => `node_modules/${name}`);
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (needed.has(path)) continue;
    needed.add(path);
    for (const name of await dependenciesOf(join(folder, path, "package.json"))) {
      const nested = `${path}/node_modules/${name}`;
      const isNested = (await readIfThere(join(folder, nested, "package.json"))) !== undefined;
      if (!isNested) waiting.push(`node_modules/${name}`);
    }
  }
  const lists = await Promise.all([...needed].map((path) => filesBelow(folder, path)));
  return lists.flat();
}

async function filesBelow(folder: string, path: string): Promise<readonly string[]> {
  const entries = await readdir(join(folder, path), { withFileTypes: true, recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, "/").length));
}

async function existing(folder: string, paths: readonly string[]): Promise<readonly string[]> {
  const asked = await Promise.all(paths.map((path) => stat(join(folder, path)).catch(() => undefined)));
  return paths.filter((_, i) => asked[i]?.isFile() === true);
}

async function versionOf(path: string): Promise<string | undefined> {
  const known = await packageJson(path);
  return "version" in known && typeof known.version === "string" ? known.version : undefined;
}

async function dependenciesOf(path: string): Promise<readonly string[]> {
  const known = await packageJson(path);
  const found = "dependencies" in known ? known.dependencies : undefined;
  return typeof found === "object" && found !== null ? Object.keys(found) : [];
}

async function packageJson(path: string): Promise<object> {
  const text = await readIfThere(path);
  const known: unknown = text === undefined ? undefined : JSON.parse(text);
  return typeof known === "object" && known !== null ? known : {};
}
