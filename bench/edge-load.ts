// One round of load on one server: a client that throws away what it gets, and the CPU time of the server's processes before and after.
import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { get as getPlain } from "node:http";
import { get as getSealed } from "node:https";
import { join } from "node:path";
import { z } from "zod";
import { run } from "#io/process.ts";
import { milliseconds } from "#units/quantity.ts";
import { cpuOfSchedstat, cpuOfStat, type Sample, shareOfMemory } from "./edge-figures.ts";
import { type Place, segmentBytes, segmentNames, smallBytes, title } from "./edge-place.ts";
import type { Server } from "./edge-servers.ts";

const program = "bench/edge-client.py";
export const told = z.object({ bodyBytes: z.number(), seconds: z.number(), clientCpuSeconds: z.number() });

export interface Load {
  readonly tls: boolean;
  readonly requests: number;
  readonly size: "segment" | "small";
}

/** Of the client at a time. An nginx that also speaks TLS ends each after 1,000 requests. */
const connections = { segment: 4, small: 20 } as const;

export async function measure(place: Place, server: Server, load: Load): Promise<Sample> {
  const names = load.size === "small" ? ["small.m4s"] : segmentNames;
  const order = {
    ...{ host: "127.0.0.1", port: load.tls ? server.tlsPort : server.port, tls: load.tls },
    ...{ paths: names.map((name) => server.path(name)), requests: load.requests },
    connections: connections[load.size],
    bodyBytes: load.size === "small" ? smallBytes : segmentBytes,
  };
  const before = await cpuSecondsOf(await server.pids());
  const argv = ["taskset", "-c", `${place.cpus.client}`, "python3", program, JSON.stringify(order)] as const;
  const { signal } = place;
  const { stdout } = await run({ argv, signal, deadline: milliseconds(120_000), orphan: "dies" });
  const after = await cpuSecondsOf(await server.pids());
  const { bodyBytes, clientCpuSeconds } = told.parse(JSON.parse(stdout));
  const { requests } = load;
  return { cpuSeconds: after - before, bytes: bodyBytes, requests, clientCpuSeconds };
}

/** By the nanosecond where the kernel counts so, else in ticks. */
export async function cpuSecondsOf(pids: readonly number[]): Promise<number> {
  const each = await Promise.all(pids.map(cpuOfProcess));
  return each.reduce((sum, seconds) => sum + seconds, 0);
}

async function cpuOfProcess(pid: number): Promise<number> {
  if (!(await hasSchedstat())) return cpuOfStat(await readFile(`/proc/${pid}/stat`, "utf8"));
  const threads = await readdir(`/proc/${pid}/task`);
  const texts = await Promise.all(threads.map((id) => readFile(`/proc/${pid}/task/${id}/schedstat`, "utf8")));
  return texts.reduce((sum, text) => sum + cpuOfSchedstat(text), 0);
}

export function hasSchedstat(): Promise<boolean> {
  return readFile("/proc/self/schedstat").then(
    () => true,
    () => false,
  );
}

/** Refuses a server that does not serve the film: a comparison with it would be of nothing. */
export async function proveServed(place: Place, server: Server, tls: boolean): Promise<void> {
  const content = await readFile(join(place.store, "v", title, "0.m4s"));
  const got = await fetchOnce(server, server.path("0.m4s"), tls);
  if (got.status !== 200 || !got.body.equals(content)) {
    throw new Error(`${server.path("0.m4s")} is answered with ${got.status} and ${got.body.length} bytes`);
  }
}

function fetchOnce(
  server: Server,
  path: string,
  tls: boolean,
): Promise<{ readonly status: number; readonly body: Buffer }> {
  const port = tls ? server.tlsPort : server.port;
  const order = { host: "127.0.0.1", port, path, agent: false, timeout: 20_000, rejectUnauthorized: false };
  return new Promise((resolve, reject) => {
    const asked = (tls ? getSealed : getPlain)(order, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk)).once("error", reject);
      answer.once("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
    });
    asked.once("error", reject).once("timeout", () => asked.destroy(new Error("no answer")));
  });
}

export interface Held {
  readonly bytesPerConnection: number;
  readonly held: number;
}

/** Memory of the server's processes per idle kept-alive connection, each of which was answered once. */
export async function memoryPerConnection(
  server: Server,
  how: { readonly tls: boolean; readonly count: number; readonly active: () => Promise<number> },
): Promise<Held> {
  const order = {
    ...{ host: "127.0.0.1", port: how.tls ? server.tlsPort : server.port, tls: how.tls, hold: true },
    ...{ connections: how.count, bodyBytes: smallBytes, paths: [server.path("small.m4s")], requests: 0 },
  };
  const before = await memoryOf(await server.pids());
  const child = spawn("python3", [program, JSON.stringify(order)], { stdio: ["pipe", "pipe", "pipe"] });
  try {
    await untilHeld(child);
    const [after, held] = [await memoryOf(await server.pids()), await how.active()];
    if (held < how.count) throw new Error(`only ${held} of ${how.count} connections are held`);
    return { bytesPerConnection: (after - before) / how.count, held };
  } finally {
    child.stdin.end();
    if (child.exitCode === null) await new Promise((resolve) => child.once("exit", resolve));
  }
}

function untilHeld(child: ReturnType<typeof spawn>): Promise<void> {
  let said = "";
  child.stderr?.on("data", (chunk) => {
    said = `${said}${chunk}`.slice(-2000);
  });
  return new Promise((resolve, reject) => {
    child.stdout?.once("data", () => resolve());
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`the client ended: ${said}`)));
  });
}

export async function memoryOf(pids: readonly number[]): Promise<number> {
  const texts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/smaps_rollup`, "utf8")));
  return texts.reduce((sum, text) => sum + shareOfMemory(text), 0);
}
