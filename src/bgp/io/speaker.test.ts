import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { pino } from "pino";
import { noCapabilities } from "#bgp/capability.ts";
import { joined, keepaliveMessage } from "#bgp/message.ts";
import { writeOpen } from "#bgp/open.ts";
import { planPeers } from "#bgp/peer-plan.ts";
import { attributesWith, prefixNamed } from "#bgp/sample-route.ts";
import { bgpSettings } from "#bgp/settings.ts";
import { announcement } from "#bgp/write-update.ts";
import { defaultsOf } from "#config/setting.ts";
import { systemClock } from "#io/clock.ts";
import type { RouteEvent } from "#model/network.ts";
import { Fault } from "#units/fault.ts";
import { bgpFile } from "#wire/bgp.ts";
import { openSpeaker, type Speaker, type SpeakerOrder } from "./speaker.ts";

const neighbour = "127.0.0.31";

async function open(t: TestContext, change: Partial<SpeakerOrder> = {}): Promise<Speaker> {
  const peers = [{ address: neighbour, as: 64_500, site: "isp-a" }];
  const file = bgpFile.parse({ localAs: 64_999, routerId: "10.0.0.1", allowPrivate: true, peers });
  const reading = planPeers(file, defaultsOf(bgpSettings), () => 1);
  assert.ok(reading.kind === "planned");
  const speaker = await openSpeaker({
    peers: reading.peers,
    listen: { host: "127.0.0.1", port: 0 },
    log: pino({ level: "silent" }),
    clock: systemClock,
    chance: () => 0.5,
    ...change,
  });
  t.after(() => speaker.close("the test is over"));
  return speaker;
}

async function call(t: TestContext, port: number, from: string): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port, localAddress: from });
  t.after(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Everything the other side says until it hangs up. */
async function lastWords(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(socket, "end");
  return Buffer.concat(chunks);
}

const hello = joined([
  writeOpen({
    as: 64_500,
    holdSeconds: 90,
    routerId: 9,
    capabilities: { ...noCapabilities, families: [4], fourOctetAs: 64_500 },
  }),
  keepaliveMessage,
]);

function saying(...prefixes: readonly string[]): Uint8Array {
  return announcement(attributesWith([64_500]), prefixes.map(prefixNamed), {
    asOctets: 4,
    withPathId: false,
  });
}

test("[BG66] a stranger is told that it is refused, and counted", async (t) => {
  const speaker = await open(t);
  const words = await lastWords(await call(t, speaker.port, "127.0.0.32"));
  assert.deepEqual([...words.subarray(18)], [3, 6, 5]);
  assert.equal(speaker.strangers(), 1);
  assert.equal(speaker.peers()[0]?.state, "Active");
});

test("[BG67] while route events are being taken the neighbours wait, and nothing is lost or out of order", async (t) => {
  const taken: RouteEvent[] = [];
  const gates: (() => void)[] = [];
  let waiting = 0;
  const came: { next: () => void } = { next: () => undefined };
  const speaker = await open(t, {
    onEvents: async (batch) => {
      waiting += 1;
      assert.equal(waiting, 1, "one batch at a time");
      came.next();
      if (taken.length < 201) await new Promise<void>((resolve) => gates.push(resolve));
      taken.push(...batch);
      waiting -= 1;
    },
  });
  const first = new Promise<void>((resolve) => {
    came.next = resolve;
  });
  const socket = await call(t, speaker.port, neighbour);
  socket.write(joined([hello, saying("198.51.100.0/24")]));
  await first;
  const prefixes = Array.from({ length: 200 }, (_, i) => `9.0.${i}.0/24`);
  socket.write(joined(prefixes.map((prefix) => saying(prefix))));
  // One turn of the loop is more than enough for loopback, were it read.
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(speaker.peers()[0]?.prefixes[4], 1, "nothing is read meanwhile");
  gates.shift()?.();
  while (taken.length < 201) {
    gates.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const told = taken.map((event) => (event.kind === "announce" ? event.route.prefix : ""));
  assert.deepEqual(told, ["198.51.100.0/24", ...prefixes]);
});

test("[BG69] a speaker that ends says so in the operator's words, withdraws what it told, and leaves the port", async (t) => {
  const events: RouteEvent[] = [];
  const heard: { next: () => void } = { next: () => undefined };
  const told = new Promise<void>((resolve) => {
    heard.next = resolve;
  });
  const speaker = await open(t, {
    onEvents: (batch) => {
      events.push(...batch);
      heard.next();
    },
  });
  const socket = await call(t, speaker.port, neighbour);
  const words = lastWords(socket);
  socket.write(joined([hello, saying("198.51.100.0/24")]));
  await told;
  await speaker.close("power work until noon");
  const last = await words;
  assert.ok(last.toString("latin1").endsWith("power work until noon"));
  assert.deepEqual(
    events.map((event) => event.kind),
    ["announce", "withdraw"],
  );
  const taker = createServer();
  await new Promise<void>((resolve) =>
    taker.listen(speaker.port === 0 ? 0 : speaker.port, "127.0.0.1", resolve),
  );
  taker.close();
});

test("[BG69] a port that cannot be listened to is a fault that names it", async (t) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  t.after(() => taken.close());
  const address = taken.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await assert.rejects(open(t, { listen: { host: "127.0.0.1", port } }), (error) => {
    assert.ok(error instanceof Fault && error.code === "bgp-listen-failed");
    assert.match(error.message, new RegExp(`127.0.0.1 port ${port}: .*EADDRINUSE`));
    return true;
  });
});
