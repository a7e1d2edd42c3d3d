// Who encrypted a download: what the kernel counted, and what nginx asked it for.
import assert from "node:assert/strict";
import { sha256 } from "./edge-rig.ts";

export type Sections = ReadonlyMap<string, string>;

/** Section → its text, of what a machine told. */
export function sectionsOf(told: string): Sections {
  const parts = told.split(/^@ (\S+)\n/m).slice(1);
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) pairs.push([parts[at] ?? "", parts[at + 1] ?? ""]);
  return new Map(pairs);
}

/** A counter of /proc/net/tls_stat; 0 where there is no such file. Source: kernel, networking/tls, Statistics. */
export function counter(text: string, name: string): number {
  return Number(new RegExp(`^${name}\\s+(\\d+)$`, "m").exec(text)?.[1] ?? 0);
}

export interface Call {
  readonly thread: number;
  readonly name: string;
  /** As strace writes them. */
  readonly args: string;
  readonly result: number;
}

/** strace's lines, those that were interrupted by another thread's put together again. */
export function callsOf(trace: string): readonly Call[] {
  const begun = new Map<string, string>();
  const calls: Call[] = [];
  for (const line of trace.split("\n")) {
    const [, thread = "", rest = ""] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    const cut = /^(.*)<unfinished \.\.\.>$/.exec(rest);
    const again = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    if (cut !== null) begun.set(thread, cut[1] ?? "");
    const whole = again === null ? rest : `${begun.get(thread) ?? ""}${again[1]}`;
    const call = /^(\w+)\((.*)\)\s+= (-?\d+)/.exec(whole);
    if (call === null) continue;
    const [, name = "", args = "", result = ""] = call;
    calls.push({ thread: Number(thread), name, args, result: Number(result) });
  }
  return calls;
}

export interface Seen {
  /** Status, version of HTTP, bytes. */
  readonly status: string;
  readonly sha256: string;
  /** Connections that the kernel took over for sending meanwhile. */
  readonly taken: number;
  readonly calls: readonly Call[];
}

export function seenIn(sections: Sections, name: string): Seen {
  const text = (part: string): string => sections.get(`${name}/${part}`) ?? "";
  return {
    status: text("curl").trim(),
    sha256: text("sha256").slice(0, 64),
    taken: counter(text("after"), "TlsTxSw") - counter(text("before"), "TlsTxSw"),
    calls: callsOf(text("trace")),
  };
}

/** Where the film lies inside. */
export const filmFile = "/srv/millrace/v/film/v1/0.m4s";

/** What went out by `sendfile`, piece by piece, in bytes. */
export function pieces(seen: Seen): readonly number[] {
  return sendfiles(seen)
    .map(({ result }) => result)
    .filter((bytes) => bytes > 0);
}

export function sendfiles({ calls }: Seen): readonly Call[] {
  return calls.filter(({ name, args }) => name === "sendfile" && args.includes(`<${filmFile}>`));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((before, more) => before + more, 0);
}

/** Bytes of the film that nginx had in its hands. */
function readByNginx({ calls }: Seen): number {
  const reads = calls.filter(({ name, args }) => /^p?read/.test(name) && args.includes(`<${filmFile}>`));
  return sum(reads.map(({ result }) => Math.max(0, result)));
}

/** What the kernel answered when it was asked for this. */
export function answers({ calls }: Seen, option: "TCP_ULP" | "TLS_TX"): readonly number[] {
  const asked = calls.filter(({ name, args }) => name === "setsockopt" && args.includes(option));
  return asked.map(({ result }) => result);
}

/** The kernel counted the connection, was given its key, and fetched and encrypted every byte itself. */
export function assertByKernel(seen: Seen, bytes: number): void {
  assert.equal(seen.taken, 1, "TlsTxSw");
  assert.deepEqual(answers(seen, "TLS_TX"), [0]);
  assert.equal(sum(pieces(seen)), bytes, "sendfile");
  const keyed = seen.calls.find(({ args }) => args.includes("TLS_TX"));
  const sockets = new Set(sendfiles(seen).map(({ args }) => socketOf(args)));
  assert.deepEqual([...sockets], [socketOf(keyed?.args ?? "")], "the socket that got the key");
  assert.equal(readByNginx(seen), 0, "read by nginx");
}

export function assertByNginx(seen: Seen, bytes: number): void {
  assert.equal(seen.taken, 0, "TlsTxSw");
  assert.deepEqual(pieces(seen), []);
  assert.equal(readByNginx(seen), bytes, "read by nginx");
}

function socketOf(args: string): string {
  return /^\d+<(socket:\[\d+\])>/.exec(args)?.[1] ?? "none";
}

export function assertBody(seen: Seen, status: string, content: Buffer): void {
  assert.equal(seen.status, `${status} ${content.length}`);
  assert.equal(seen.sha256, sha256(content));
}
