// Dumps as a source of routes for an appliance, and as something to look at.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { pino } from "pino";
import { writePrefix } from "#bgp/address.ts";
import { planCollectors } from "#bgp/collector-plan.ts";
import { openMrt, readMrt } from "#bgp/io/mrt-file.ts";
import { followDump } from "#bgp/io/mrt-follower.ts";
import { SpeakerSource } from "#bgp/io/speaker-source.ts";
import { joined } from "#bgp/message.ts";
import { mrtReader } from "#bgp/mrt.ts";
import { prefixOfKey } from "#bgp/prefix-key.ts";
import { bmpSaying, bmpUp } from "#bgp/sample-bmp.ts";
import { openFilter } from "#bgp/sample-route.ts";
import { hearNeighbours } from "#bin/hear-neighbours.ts";
import { mrtDumpOf } from "#test/fixtures/mrt.ts";
import { siteId } from "#units/id.ts";
import { bgpFile } from "#wire/bgp.ts";
import { routesFile } from "#wire/topology.ts";
import { freePort, until } from "./bgp-rig.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-mrt-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const two = mrtDumpOf(
  2,
  {
    prefix: "9.0.0.0/8",
    said: [
      [0, [64_500, 1, 2]],
      [1, [64_501, 2]],
    ],
  },
  { prefix: "2a00::/16", said: [[1, [64_501]]] },
);
const one = mrtDumpOf(1, { prefix: "9.0.0.0/8", said: [[0, [64_500, 7]]] });

function written(name: string, octets: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(`${path}.new`, octets);
  renameSync(`${path}.new`, path);
  return path;
}

interface Followed {
  readonly source: SpeakerSource;
  readonly lines: () => readonly string[];
  readonly notes: readonly string[];
}

function follow(t: TestContext, path: string, neighbours?: string[]): Followed {
  const notes: string[] = [];
  const mrt = [{ file: path, site: "isp-a", ...(neighbours === undefined ? {} : { neighbours }) }];
  const plan = planCollectors(bgpFile.parse({ localAs: 64_999, routerId: "10.9.9.9", mrt }));
  assert.ok(plan.kind === "planned" && plan.dumps[0] !== undefined);
  const source = new SpeakerSource(60_000);
  const ending = new AbortController();
  const log = pino({ level: "info" }, { write: (line) => notes.push(line) });
  const order = { plan: plan.dumps[0], log, chance: () => 0.5, hooks: source.hooks, signal: ending.signal };
  const dump = followDump(order);
  source.attach(dump);
  t.after(async () => {
    ending.abort();
    source.close();
    await dump.ended;
  });
  const lines = (): readonly string[] =>
    [...source.rows()]
      .map(({ session, key, route }) => `${session}: ${writePrefix(prefixOfKey(key))}, ${route.asPathLength}`)
      .sort();
  return { source, lines, notes };
}

function holds({ lines }: Followed, what: string, ...wanted: readonly string[]): Promise<void> {
  return until(`${what}: ${wanted.join("; ")}`, () => lines().join() === wanted.join());
}

test("[BG147] a dump is a source of routes, plain or with gzip, and the next one takes its place", async (t) => {
  const path = written("rib.mrt", gzipSync(two));
  const dump = follow(t, path);
  const first = "rib.mrt 192.0.2.1 AS64500";
  const second = "rib.mrt 192.0.2.2 AS64501";
  await holds(dump, "both", `${first}: 9.0.0.0/8, 3`, `${second}: 2a00::/16, 1`, `${second}: 9.0.0.0/8, 2`);
  await until("whole", () => dump.source.isWhole());
  written("rib.mrt", one);
  await holds(dump, "the next one", `${first}: 9.0.0.0/8, 2`);
  assert.deepEqual([...dump.source.sessions()], [{ id: first, state: "up" }]);
  const named = follow(t, written("named.mrt", two), ["192.0.2.2"]);
  const name = "named.mrt 192.0.2.2 AS64501";
  await holds(named, "the one that is named", `${name}: 2a00::/16, 1`, `${name}: 9.0.0.0/8, 2`);
});

test("[BG147] a dump that cannot be read is told once, and the one before counts", async (t) => {
  const dump = follow(t, written("cut.mrt", one));
  const line = "cut.mrt 192.0.2.1 AS64500: 9.0.0.0/8, 2";
  await holds(dump, "the first", line);
  written("cut.mrt", two.subarray(0, two.length - 9));
  await until("the complaint", () => dump.notes.some((note) => /ends inside of a record/.test(note)));
  assert.deepEqual(dump.lines(), [line]);
  written("cut.mrt", mrtDumpOf(1, { prefix: "11.0.0.0/8", said: [[0, [64_500]]] }));
  await holds(dump, "a whole one", "cut.mrt 192.0.2.1 AS64500: 11.0.0.0/8, 1");
});

function look(...words: readonly string[]): {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
} {
  const argv = ["src/bin/millrace.ts", "steer", "routes", ...words];
  const done = spawnSync(process.execPath, argv, {
    encoding: "utf8",
    env: { PATH: process.env.PATH, MILLRACE_HOME: folder },
  });
  return { status: done.status, out: done.stdout, err: done.stderr };
}

test("[BG148] a person looks at a dump, and takes its routes as a routes file", () => {
  const path = written("look.mrt", two);
  const text = look("--mrt", path);
  assert.equal(text.status, 0, text.err);
  assert.match(text.out, /3 routes and messages taken, 0 passed over, 0 that cannot be read/);
  assert.match(text.out, /192\.0\.2\.2 AS64501: 1 IPv4 and 1 IPv6 paths/);
  const json: unknown = JSON.parse(look("--mrt", path, "--site", "isp-a", "--json").out);
  assert.deepEqual(routesFile.parse(json).routes, [
    { siteId: "isp-a", prefix: "9.0.0.0/8", asPath: [64_501, 2], med: 0 },
    { siteId: "isp-a", prefix: "2a00::/16", asPath: [64_501], med: 0 },
  ]);
  const only: unknown = JSON.parse(look("--mrt", path, "--neighbour", "192.0.2.1", "--json").out);
  assert.deepEqual(routesFile.parse(only).routes[0]?.asPath, [64_500, 1, 2]);
});

test("[BG148] a file that is cut off, compressed otherwise, empty or no dump ends with the reason", async () => {
  const order = { siteId: siteId("isp-a"), filter: openFilter, seed: 1 };
  for (const [octets, reason] of [
    [two.subarray(0, two.length - 9), /it ends inside of a record that begins at octet \d+: it was cut off/],
    [gzipSync(two).subarray(0, 60), /unexpected end of file/],
    [Uint8Array.of(0x42, 0x5a, 0x68, 0x39), /compressed with bzip2; unpack it, or use gzip/],
    [new Uint8Array(0), /it is empty/],
    ["# no dump\n".repeat(20), /at most 4194304 are taken/],
  ] as const) {
    const file = await openMrt(written("look.mrt", octets));
    await assert.rejects(readMrt(file, mrtReader(order)), reason);
    await file.close();
  }
  const done = look("--mrt", written("look.mrt", two.subarray(0, two.length - 9)));
  assert.deepEqual([done.status, done.out], [1, ""]);
  assert.match(done.err, /look\.mrt cannot be read as MRT: it ends inside/);
  const wrong = look("--mrt", "x", "--neighbour", "router");
  assert.equal(wrong.status, 2);
  assert.match(wrong.err, /--neighbour: wanted an address, found "router"/);
});

test("[BG149] one file may name neighbours, routers and dumps, and all are told together", async (t) => {
  written("together.mrt", one);
  const port = await freePort("127.0.0.1");
  const file = written(
    "bgp.json",
    JSON.stringify({
      ...{ localAs: 64_999, routerId: "10.9.9.9", listen: { host: "127.0.0.1", port: 0 } },
      peers: [{ address: "127.0.0.99", as: 64_500, site: "isp-a" }],
      bmp: { listen: { host: "127.0.0.1", port }, routers: [{ address: "127.0.0.1", site: "isp-a" }] },
      mrt: [{ file: "together.mrt", site: "isp-a" }],
    }),
  );
  const { source, close } = await hearNeighbours(file, pino({ level: "silent" }));
  t.after(close);
  const socket = connect({ host: "127.0.0.1", port });
  t.after(() => socket.destroy());
  socket.write(joined([bmpUp(3, 4), bmpSaying(3, "11.0.0.0/8", [64_500])]));
  const dumped = "together.mrt 192.0.2.1 AS64500";
  const exported = "127.0.0.1 192.0.2.3 AS64500";
  await until("both", () => [...source.rows()].length === 2);
  assert.deepEqual(
    [...source.sessions()].map(({ id }) => id),
    [exported, dumped],
  );
  assert.equal(source.isWhole(), false, "the neighbour is waited for");
});
