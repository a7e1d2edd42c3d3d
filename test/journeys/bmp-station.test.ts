import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { bmpDown, bmpInitiation, bmpSaying, bmpUp, bmpWhole } from "#bgp/sample-bmp.ts";
import { until } from "./bgp-rig.ts";
import { openStation, type Station } from "./bmp-rig.ts";

const router = "127.0.0.1";
const one = `${router} 192.0.2.1 AS64500`;
const other = `${router} 192.0.2.2 AS64500`;

async function routerTo(t: TestContext, station: Station, localAddress = router): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port: station.listener.port, localAddress });
  socket.on("error", () => undefined);
  t.after(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

function tell(socket: Socket, ...messages: readonly Uint8Array[]): void {
  for (const message of messages) socket.write(message);
}

function holds(station: Station, what: string, ...lines: readonly string[]): Promise<void> {
  return until(what, () => station.lines().join() === lines.join());
}

function sessions(station: Station, ...wanted: readonly string[]): Promise<void> {
  return until(`sessions ${wanted.join(", ")}`, () => station.sessions().join() === wanted.join());
}

const said = `${one}: 203.0.113.0/24, 2 hops, first 64500`;
const saidToo = `${other}: 198.51.100.0/24, 1 hops, first 64500`;

test("[BG142] a router is known by its address, a stranger is closed and counted, and its latest connection counts", async (t) => {
  const station = await openStation(t, [{ address: router, site: "isp-a" }]);
  const stranger = await routerTo(t, station, "127.0.0.99");
  await once(stranger, "close");
  assert.equal(station.listener.strangers(), 1);
  const first = await routerTo(t, station);
  tell(first, bmpInitiation("edge"), bmpUp(1, 4), bmpSaying(1, "203.0.113.0/24", [64_500, 7]));
  await holds(station, "the route", said);
  const second = await routerTo(t, station);
  await once(first, "close");
  tell(second, bmpUp(1, 4), bmpSaying(1, "203.0.113.0/24", [64_500, 7, 8]));
  await holds(station, "the later word", said.replace("2 hops", "3 hops"));
});

test("[BG142] neighbours that are not named do not count, and Peer Down ends one", async (t) => {
  const named = await openStation(t, [{ address: router, site: "isp-a", neighbours: ["192.0.2.2"] }]);
  const all = await openStation(t, [{ address: router, site: "isp-a" }]);
  for (const station of [named, all]) {
    const socket = await routerTo(t, station);
    tell(socket, bmpUp(1, 4), bmpSaying(1, "203.0.113.0/24", [64_500, 7]));
    tell(socket, bmpUp(2, 4), bmpSaying(2, "198.51.100.0/24", [64_500]));
    await holds(station, "what counts", ...(station === named ? [saidToo] : [said, saidToo]));
    tell(socket, bmpDown(2));
    await holds(station, "the rest", ...(station === named ? [] : [said]));
  }
  await sessions(named);
  await sessions(all, `${one} up`);
});

test("[BG143] a lost router's routes count until it has said them again, or their time is over", async (t) => {
  const station = await openStation(t, [{ address: router, site: "isp-a" }]);
  const first = await routerTo(t, station);
  tell(first, bmpUp(1, 4), bmpSaying(1, "203.0.113.0/24", [64_500, 7]));
  tell(first, bmpSaying(1, "9.0.0.0/8", [64_500]), bmpWhole(1, 4));
  await until("whole", () => station.source.isWhole());
  first.destroy();
  await sessions(station, `${one} stale`);
  assert.equal(station.lines().length, 2);
  const second = await routerTo(t, station);
  tell(second, bmpUp(1, 4), bmpSaying(1, "203.0.113.0/24", [64_500, 7]));
  await until("heard", () => (station.listener.rib(one)?.counts.announced ?? 0) === 3);
  assert.equal(station.lines().length, 2, "the other one was not taken back");
  tell(second, bmpWhole(1, 4));
  await holds(station, "the sweep", said);
  await sessions(station, `${one} up`);

  const brief = await openStation(t, [{ address: router, site: "isp-a" }], { staleMs: 50 });
  const gone = await routerTo(t, brief);
  tell(gone, bmpUp(1, 4), bmpSaying(1, "203.0.113.0/24", [64_500, 7]));
  await sessions(brief, `${one} up`);
  gone.destroy();
  await sessions(brief);
});

test("[BG143] a router is whole when each neighbour has said all of every family that both sides speak", async (t) => {
  const station = await openStation(t, [{ address: router, site: "isp-a" }]);
  assert.equal(station.source.isWhole(), false, "the router is waited for");
  const socket = await routerTo(t, station);
  tell(socket, bmpUp(1, 4, 6), bmpUp(2), bmpWhole(1, 4), bmpWhole(2, 4), bmpSaying(1, "9.0.0.0/8", [1]));
  await until("heard", () => station.lines().length === 1);
  assert.equal(station.source.isWhole(), false, "IPv6 of one of them is missing");
  tell(socket, bmpWhole(1, 6));
  await until("whole", () => station.source.isWhole());
});

test("[BG144] more paths or neighbours than are taken, and what is no BMP, end the connection with the reason", async (t) => {
  const many = Array.from({ length: 193 }, (_, n) => bmpUp(n));
  const long = Array.from({ length: 250 }, (_, hop) => 1000 + hop);
  const heavy = Array.from({ length: 80 }, (_, n) => bmpSaying(1, `9.0.${n}.0/24`, [n + 1, ...long]));
  for (const [maxPaths, messages, reason] of [
    [1, [bmpUp(1, 4), bmpSaying(1, "9.0.0.0/8", [1]), bmpSaying(1, "11.0.0.0/8", [1])], /2 paths; at most 1/],
    [100, [bmpUp(1, 4), ...heavy], /octets of path attributes; at most 65536 are taken with 100 paths/],
    [1, many, /193 neighbours; at most 192 are taken: name those that count/],
    [1, [new TextEncoder().encode("GET / HTTP/1.1")], /BMP version 3 was wanted, found 71/],
  ] as const) {
    const station = await openStation(t, [{ address: router, site: "isp-a", maxPaths }]);
    const socket = await routerTo(t, station);
    socket.resume();
    const closed = once(socket, "close");
    tell(socket, ...messages);
    await closed;
    await until("the reason", () => station.notes.some((line) => reason.test(line)));
    await holds(station, "nothing");
  }
});

test("[BG146] a port that is taken is a fault that names it", async (t) => {
  const taken = createServer();
  t.after(() => taken.close());
  taken.listen(0, "127.0.0.1");
  await once(taken, "listening");
  const address = taken.address();
  assert.ok(address !== null && typeof address === "object");
  const { port } = address;
  await assert.rejects(
    openStation(t, [{ address: router, site: "isp-a" }], { port }),
    new RegExp(`cannot be listened to at 127.0.0.1 port ${port}: .*EADDRINUSE`),
  );
});
