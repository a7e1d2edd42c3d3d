// What lies in a root: files, folders, links, users. Read only, and of secrets nothing.
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { edgeFaults } from "#edge/faults.ts";
import type { Found, Thing } from "#edge/install-machine.ts";
import { agentFolders, installPaths } from "#edge/install-paths.ts";
import type { InstallRecord } from "#edge/install-record.ts";
import { readIfThere } from "#io/files.ts";
import { Fault } from "#units/fault.ts";
import { installRecord } from "#wire/install-record.ts";

export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** Everything at the paths that an installation may touch. */
export async function readFound(
  root: string,
  { dir, prefix }: { readonly dir: string; readonly prefix: string },
): Promise<Found> {
  const paths = [
    ...Object.values(installPaths),
    ...[dir, prefix, `${prefix}/current`],
    ...agentFolders.map((name) => `${dir}/${name}`),
  ];
  const things = await Promise.all(
    paths.map(async (path) => [path, await thingAt(join(root, path), path)] as const),
  );
  return new Map(things.flatMap(([path, thing]) => (thing === undefined ? [] : [[path, thing]])));
}

async function thingAt(at: string, path: string): Promise<Thing | undefined> {
  const stats = await lstat(at).catch(() => undefined);
  if (stats === undefined) return undefined;
  const mode = stats.mode & 0o7777;
  if (stats.isSymbolicLink()) return { kind: "link", target: await readlink(at) };
  if (stats.isDirectory()) return { kind: "folder", mode, uid: stats.uid };
  if (!stats.isFile()) return { kind: "other" };
  const text = path === installPaths.token ? "" : await readFile(at, "utf8");
  return { kind: "file", text, mode, uid: stats.uid };
}

/**
 * The first symbolic link on the way from another root to one of its paths, and that itself if it is to be a `folder`.
 *
 * An absolute link of an image leads out of it, into this machine. On "/" links lead where they should.
 */
export async function linkOnWay(
  root: string,
  path: string,
  kind: "folder" | "entry",
): Promise<string | undefined> {
  if (root === "/") return undefined;
  const names = path.split("/").filter((name) => name !== "");
  const depth = kind === "folder" ? names.length : names.length - 1;
  for (let n = 1; n <= depth; n++) {
    const inner = names.slice(0, n).join("/");
    const stats = await lstat(join(root, inner)).catch(() => undefined);
    if (stats?.isSymbolicLink() === true) return `/${inner}`;
  }
  return undefined;
}

/** Of all that an installation writes to in another root, users included. Sorted, each once. */
export async function linksOnWays(
  root: string,
  { dir, prefix }: { readonly dir: string; readonly prefix: string },
): Promise<readonly string[]> {
  const users = ["passwd", "group", "shadow", "gshadow"].map((name) => `/etc/${name}`);
  const entries = Object.values(installPaths).filter((path) => path !== installPaths.folder);
  const links = await Promise.all([
    ...[dir, prefix, installPaths.folder, ...users].map((path) => linkOnWay(root, path, "folder")),
    ...entries.map((path) => linkOnWay(root, path, "entry")),
  ]);
  return [...new Set(links.filter((link) => link !== undefined))].sort();
}

/** None where there is no such folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

/** @throws Fault install-record-unreadable */
export async function readRecord(root: string): Promise<InstallRecord | undefined> {
  const record = join(root, installPaths.record);
  const text = await readIfThere(record);
  if (text === undefined) return undefined;
  try {
    return installRecord.parse(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const because = error instanceof SyntaxError ? "no JSON" : "other fields";
    throw new Fault(edgeFaults.recordUnreadable, { record, because }, error);
  }
}

/** Source: passwd(5). */
export async function userIn(root: string, name: string): Promise<SystemUser | undefined> {
  const passwd = (await readIfThere(join(root, "etc/passwd"))) ?? "";
  const line = passwd.split("\n").find((one) => one.startsWith(`${name}:`));
  const [, , uid = "", gid = ""] = line?.split(":") ?? [];
  return line === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

export async function hasGroup(root: string, name: string): Promise<boolean> {
  const groups = (await readIfThere(join(root, "etc/group"))) ?? "";
  return groups.split("\n").some((line) => line.startsWith(`${name}:`));
}
