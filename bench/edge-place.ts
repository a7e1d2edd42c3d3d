// Where a run of the edge benchmark lives: its folder, its files, the machine's CPUs, and what other runs left behind.
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, realpath, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { endFronts } from "#edge/io/front.ts";
import { endAll } from "#edge/io/nginx-process.ts";
import { removeTree } from "#io/files.ts";
import { isAlive } from "#io/living.ts";
import { run } from "#io/process.ts";
import { milliseconds } from "#units/quantity.ts";
import { allowedCpus } from "./edge-figures.ts";

/** About 4 s at 4 Mbit/s: what a viewer asks for most. */
export const segmentBytes = 2_000_000;
export const smallBytes = 1024;
const segments = 8;
export const title = "film";

export interface Place {
  /** Of this run alone. */
  readonly folder: string;
  /** Holds `v/film/…`. */
  readonly store: string;
  readonly certificate: string;
  readonly key: string;
  /** CPUs of server and client; the same when there is only one. */
  readonly cpus: { readonly count: number; readonly server: number; readonly client: number };
  readonly signal: AbortSignal;
}

const root = resolve(process.env.MILLRACE_HOME ?? "var", "bench/edge");
const prefixes = [
  "ours",
  "ours-unthreaded",
  "hand",
  "hand-unthreaded",
  "bare",
  "reload",
  "security",
  "fronted",
  "played",
];

/** @throws Fault process-missing when openssl is not there */
export async function openPlace(signal: AbortSignal): Promise<Place> {
  await removeStale();
  const folder = join(root, `run-${process.pid}`);
  const store = join(folder, "store");
  await mkdir(join(store, "v", title), { recursive: true });
  const where = await realpath(folder);
  for (let i = 0; i < segments; i++) await fill(store, `${i}.m4s`, segmentBytes);
  await fill(store, "small.m4s", smallBytes);
  const [certificate, key] = [join(where, "edge.crt"), join(where, "edge.key")];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  // caddy goes by names: ngtcp2's client says localhost, and the second address is that of the link with loss.
  const names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:10.78.0.1"];
  const subject = ["-subj", "/CN=edge", "-days", "2", ...names];
  const files = ["-keyout", key, "-out", certificate];
  const argv = ["openssl", "req", "-x509", "-nodes", ...curve, ...files, ...subject] as const;
  await run({ argv, signal, deadline: milliseconds(30_000) });
  return { folder: where, store: join(where, "store"), certificate, key, cpus: await ownCpus(), signal };
}

export const segmentNames = Array.from({ length: segments }, (_, i) => `${i}.m4s`);

async function fill(store: string, name: string, bytes: number): Promise<void> {
  await writeFile(join(store, "v", title, name), randomBytes(bytes));
}

async function ownCpus(): Promise<Place["cpus"]> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const cpus = allowedCpus(status);
  const [server = 0, client = server] = cpus;
  return { count: cpus.length || availableParallelism(), server, client };
}

export async function closePlace(place: Place): Promise<void> {
  await clear(place.folder);
}

/** Folders of runs that are no more, and any nginx that still works in them. */
async function removeStale(): Promise<void> {
  for (const name of await readdir(root).catch(() => [])) {
    const pid = Number(/^run-(\d+)$/.exec(name)?.[1] ?? process.pid);
    if (!isAlive(pid)) await clear(join(root, name));
  }
}

async function clear(folder: string): Promise<void> {
  const where = await realpath(folder);
  for (const prefix of prefixes) {
    await endAll(join(where, prefix), 0);
    await endFronts(join(where, prefix, "front"));
  }
  await removeTree(where);
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, "127.0.0.1", done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}

/** @throws Error naming what was waited for */
export async function waitFor(what: string, probe: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 15_000;
  while (!(await probe())) {
    if (performance.now() > end) throw new Error(`waited 15 s for ${what}`);
    await rest(20);
  }
}
