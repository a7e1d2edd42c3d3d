// HTTP/1.1, HTTP/2 and HTTP/3 side by side: what a byte costs the server, and what loss on the way costs the viewer.

import { existsSync } from "node:fs";
import { link, readFile } from "node:fs/promises";
import { join } from "node:path";
import { removeTree } from "#io/files.ts";
import { run } from "#io/process.ts";
import { milliseconds } from "#units/quantity.ts";
import { median } from "./bench.ts";
import { costRow, digits, type Row, type Sample, turned, worthsOf } from "./edge-figures.ts";
import { cpuSecondsOf, measure, told } from "./edge-load.ts";
import { type Place, segmentBytes, segmentNames, title } from "./edge-place.ts";
import { type QuicServer, startExample, startFronted } from "./edge-quic-servers.ts";
import type { NginxTools } from "./edge-servers.ts";
import { stallRows } from "./edge-stalls.ts";

export interface Measured {
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
}

const connections = 4;
/** Files of each connection at a time: a player's picture and sound, and what it fetches ahead. */
const streams = 4;
/** Times that each connection is opened anew: ngtcp2's client asks for everything at once. */
const turns = 6;
const requests = connections * streams * turns;
const names = Array.from({ length: streams }, (_, i) => `q${i}.m4s`);

type Way = "truncated" | "h1" | "h2" | "h3";

interface Subject {
  readonly what: string;
  readonly way: Way;
  readonly server: QuicServer;
}

export async function protocolRows(place: Place, tools: NginxTools, quick: boolean): Promise<Measured> {
  for (const [i, name] of names.entries()) {
    const there = join(place.store, "v", title, segmentNames[i % segmentNames.length] ?? "");
    await link(there, join(place.store, "v", title, name));
  }
  const cost = await costs(place, tools, quick);
  const stalls = await stallRows(place, tools, quick);
  return { rows: [...cost.rows, ...stalls.rows], notes: [...cost.notes, ...stalls.notes] };
}

async function costs(place: Place, tools: NginxTools, quick: boolean): Promise<Measured> {
  const lacking = ["/usr/bin/caddy", "/usr/bin/gtlsclient", "/usr/sbin/gtlsserver"].filter(
    (path) => !existsSync(path),
  );
  if (lacking.length > 0) {
    const mend = "apt-get install caddy ngtcp2-client ngtcp2-server";
    return { rows: [], notes: [`protocols: no cost was measured without ${lacking.join(", ")} (${mend})`] };
  }
  const servers: QuicServer[] = [];
  try {
    const ours = await startFronted(place, tools);
    servers.push(ours);
    const example = await startExample(place, 64);
    servers.push(example);
    const plainExample = await startExample(place, 1);
    servers.push(plainExample);
    const subjects: readonly Subject[] = [
      {
        what: "ours, HTTP/1.1 over TLS 1.3, a client that does not decrypt (as in part tls)",
        way: "truncated",
        server: ours,
      },
      { what: "ours, HTTP/1.1 over TLS 1.3 (reference)", way: "h1", server: ours },
      { what: "ours, HTTP/2 over TLS 1.3", way: "h2", server: ours },
      { what: "ours, HTTP/3: caddy before nginx", way: "h3", server: ours },
      { what: "ngtcp2's example server, HTTP/3, 64 datagrams a call", way: "h3", server: example },
      { what: "ngtcp2's example server, HTTP/3, 1 datagram a call", way: "h3", server: plainExample },
    ];
    for (const server of servers) await proveFiles(place, server);
    return { rows: rowsOf(subjects, await rounds(place, subjects, quick ? 1 : 5)), notes: costNotes };
  } finally {
    for (const server of servers.toReversed()) await server.stop();
  }
}

const costNotes = [
  `protocols, cost: ${requests} files of ${segmentBytes / 1e6} MB, ${connections} connections; HTTP/1.1 and 2 by a client of ours in Node, one file at a time on each; HTTP/3 by ngtcp2's, ${streams} streams on each of ${connections * turns} connections`,
  "protocols, cost: loopback, so without a network card: what a card does for TCP (TSO) and UDP (USO) is not in it",
];

async function rounds(
  place: Place,
  subjects: readonly Subject[],
  count: number,
): Promise<ReadonlyMap<Subject, readonly Sample[]>> {
  const samples = new Map<Subject, Sample[]>(subjects.map((subject) => [subject, []]));
  // The first round warms caches, and does not count.
  for (let round = -1; round < count; round++) {
    for (const subject of turned(subjects, Math.max(0, round))) {
      const sample = await sampled(place, subject);
      if (round >= 0) samples.get(subject)?.push(sample);
    }
  }
  return samples;
}

async function sampled(place: Place, { way, server }: Subject): Promise<Sample> {
  if (way === "truncated") return measure(place, server, { tls: true, requests, size: "segment" });
  const before = await cpuSecondsOf(await server.pids());
  const { bodyBytes, clientCpuSeconds } =
    way === "h3" ? await overQuic(place, server) : await overTcp(place, server, way);
  const after = await cpuSecondsOf(await server.pids());
  return { cpuSeconds: after - before, bytes: bodyBytes, requests, clientCpuSeconds };
}

type Told = ReturnType<typeof told.parse>;

function overTcp(place: Place, server: QuicServer, protocol: "h1" | "h2"): Promise<Told> {
  const paths = segmentNames.map((name) => server.path(name));
  const order = {
    host: "127.0.0.1",
    port: server.tlsPort,
    protocol,
    paths,
    requests,
    connections,
    bodyBytes: segmentBytes,
  };
  return client(place, [process.execPath, "bench/edge-tcp-client.ts", JSON.stringify(order)]);
}

function overQuic(place: Place, server: QuicServer, more: object = {}): Promise<Told> {
  const folder = join(place.folder, "got");
  const paths = names.map((name) => server.path(name));
  const order = {
    host: "127.0.0.1",
    port: server.quicPort,
    paths,
    connections,
    bodyBytes: segmentBytes,
    folder,
    turns,
  };
  return client(place, ["python3", "bench/edge-quic-client.py", JSON.stringify({ ...order, ...more })]);
}

async function client(place: Place, words: readonly string[]): Promise<Told> {
  const argv = ["taskset", "-c", `${place.cpus.client}`, ...words] as const;
  const { stdout } = await run({
    argv,
    signal: place.signal,
    deadline: milliseconds(120_000),
    orphan: "dies",
  });
  return told.parse(JSON.parse(stdout));
}

/** Every file of every connection once, byte for byte: a client that is content with less would make a server look cheap. */
async function proveFiles(place: Place, server: QuicServer): Promise<void> {
  await overQuic(place, server, { keep: true, turns: 1 });
  const folder = join(place.folder, "got");
  for (let connection = 0; connection < connections; connection++) {
    for (const name of names) {
      const [got, wanted] = [join(folder, `${connection}`, name), join(place.store, "v", title, name)];
      if (!(await readFile(got)).equals(await readFile(wanted)))
        throw new Error(`${name} came with other bytes`);
    }
  }
  await removeTree(folder);
}

function rowsOf(
  subjects: readonly Subject[],
  samples: ReadonlyMap<Subject, readonly Sample[]>,
): readonly Row[] {
  const of = (subject: Subject | undefined): readonly Sample[] => (subject && samples.get(subject)) ?? [];
  const reference = of(subjects.find(({ way }) => way === "h1"));
  return subjects.map((subject) => ({
    ...costRow("protocols", subject.what, of(subject)),
    costOverHttp1: digits(1 / median(worthsOf(of(subject), reference)), 2),
  }));
}
