// Runs at the server's end of the link, as a program: serves film, page and players, holds each answer of the film back by the latency
// of the moment, changes the class with the trace from `/begin` on, and tells in `/log` what was asked for. Ends with its input.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import { stripTypeScriptTypes } from "node:module";
import { extname, join, normalize, resolve } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { z } from "zod";
import { type Change, classWords, queueBytes } from "./play-plan.ts";
import type { Served } from "./play-showing.ts";

const order = z
  .object({
    ...{ host: z.string(), port: z.number(), device: z.string() },
    /** By the first part of a path. */
    folders: z.record(z.string(), z.string()),
    changes: z.array(
      z.object({ atMs: z.number(), rateKbit: z.number(), burstBytes: z.number(), latencyMs: z.number() }),
    ),
  })
  .parse(JSON.parse(process.argv[2] ?? ""));
export type ServerOrder = typeof order;

/** Before the film is asked for, and after it was shown. */
const open: Change = { atMs: 0, rateKbit: 1_000_000, burstBytes: 1_000_000, latencyMs: 0 };
const types: Readonly<Record<string, string>> = {
  ...{ ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".ts": "text/javascript" },
  ...{
    ".mpd": "application/dash+xml",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".json": "application/json",
  },
};

const served: Served[] = [];
const tc = shaper();
let [begunAt, latencyMs, next, timer] = [0, 0, 0, setTimeout(() => undefined, 0)];

/** One tc for all changes: starting a program for each takes longer than some periods. */
function shaper(): (words: readonly string[]) => void {
  const child = spawn("tc", ["-force", "-batch", "-"], { stdio: ["pipe", "ignore", "inherit"] });
  child.on("exit", (status) => process.exit(status === 0 ? 0 : 1));
  return (words) => child.stdin.write(`${words.join(" ")}\n`);
}

function shape(change: Change): void {
  tc(classWords("change", order.device, change));
  latencyMs = change.latencyMs;
}

/** Changes that are due, then the next in its time: by the clock since the beginning, so that lateness does not add up. */
function follow(): void {
  const now = performance.now() - begunAt;
  for (let due = order.changes[next]; due !== undefined && due.atMs <= now; due = order.changes[next]) {
    shape(due);
    next += 1;
  }
  const coming = order.changes[next];
  if (coming !== undefined) timer = setTimeout(follow, Math.max(0, coming.atMs - now));
}

function begin(): void {
  [begunAt, next, served.length] = [performance.now(), 0, 0];
  follow();
}

function finish(): string {
  clearTimeout(timer);
  const log = JSON.stringify({ served, changes: next });
  shape(open);
  return log;
}

async function answer(path: string, range: string | undefined, response: ServerResponse): Promise<void> {
  const [, place = "", ...below] = path.split("/");
  if (place === "begin") {
    begin();
    response.writeHead(204).end();
    return;
  }
  if (place === "log") {
    response.writeHead(200, { "content-type": "application/json" }).end(finish());
    return;
  }
  const folder = order.folders[place];
  const inside = normalize(below.join("/"));
  if (place === "film") {
    served.push({ atMs: performance.now() - begunAt, path: inside });
    await rest(latencyMs);
  }
  const body =
    folder === undefined || inside.startsWith("..")
      ? undefined
      : await content(join(resolve(folder), inside));
  if (body === undefined) response.writeHead(404).end();
  else send(body, types[extname(path)] ?? "video/mp4", range, response);
}

/** The page is TypeScript: its types are taken out, as Node itself does with this file. */
async function content(path: string): Promise<Buffer | undefined> {
  const body = await readFile(path).catch(() => undefined);
  return body && extname(path) === ".ts" ? Buffer.from(stripTypeScriptTypes(body.toString())) : body;
}

/** Source: RFC 9110 §14.2, one range. */
function send(body: Buffer, type: string, range: string | undefined, response: ServerResponse): void {
  const always = { "content-type": type, "accept-ranges": "bytes" };
  const [, first, last = ""] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  if (first === undefined) {
    response.writeHead(200, { ...always, "content-length": body.length }).end(body);
    return;
  }
  const part = body.subarray(Number(first), last === "" ? body.length : Number(last) + 1);
  const place = `bytes ${first}-${Number(first) + part.length - 1}/${body.length}`;
  response.writeHead(206, { ...always, "content-range": place, "content-length": part.length }).end(part);
}

tc(["qdisc", "replace", "dev", order.device, "root", "handle", "1:", "htb", "default", "1"]);
tc(classWords("add", order.device, open));
const limit = `${queueBytes(order.changes)}`;
tc(["qdisc", "add", "dev", order.device, "parent", "1:1", "handle", "10:", "bfifo", "limit", limit]);
const server = createServer((request, response) => {
  answer(new URL(request.url ?? "/", "http://server").pathname, request.headers.range, response).catch(
    (error) => {
      process.stderr.write(`${error}\n`);
      response.destroy();
    },
  );
});
server.listen(order.port, order.host, () => process.stdout.write("ready\n"));
process.stdin.on("end", () => process.exit(0)).resume();
