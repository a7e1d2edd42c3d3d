import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { announce } from "./bgp-announcer.ts";
import { linesOf, type Said } from "./bgp-daemon.ts";
import { freePort, type Listener, listenHost, openListener, until } from "./bgp-rig.ts";
import { type Frr, type FrrOrder, missingFrr, startFrr } from "./frr-rig.ts";

type Context = Parameters<typeof startFrr>[0];
type Neighbour = Parameters<typeof openListener>[1][number];

const as = 64_500;
const near: Said = { prefix: "203.0.113.0/24", med: 5 };
const far: Said = { prefix: "198.51.100.0/24", via: [64_501] };
const six: Said = { prefix: "2001:db8:1::/48" };
const three = linesOf(as, near, far, six);

/** A listener and an FRR at an address of its own. */
async function pair(
  t: Context,
  address: string,
  order: Partial<FrrOrder> = {},
  peer: Partial<Neighbour> = {},
): Promise<{ readonly listener: Listener; readonly frr: Frr }> {
  const settings = { idleHoldMs: 200, connectRetryMs: 200 };
  const listener = await openListener(t, [{ address, as: order.as ?? as, site: "isp-a", ...peer }], settings);
  const base = { address, port: 0, as, peerPort: listener.speaker.port, said: [near, far, six] };
  return { listener, frr: await startFrr(t, { ...base, ...order }) };
}

function heard({ folded, speaker }: Listener, what: string, lines: readonly string[]): Promise<void> {
  const seen = (): string => `${folded("isp-a").join("; ")}; ${JSON.stringify(speaker.peers())}`;
  return until(`${what}: ${lines.join("; ")}`, () => folded("isp-a").join() === lines.join(), seen);
}

/** Each test has an address of its own. */
describe("FRR", { concurrency: 10, skip: missingFrr }, () => {
  routesAndPaths();
  refreshAndLoss();
  words();
});

function routesAndPaths(): void {
  test("[BG140] FRR's routes of both families are heard, changed, withdrawn and said again", async (t) => {
    const { listener, frr } = await pair(t, "127.0.0.71");
    await listener.whole("127.0.0.71", 4, 6);
    assert.deepEqual(listener.routes("isp-a"), three);
    assert.deepEqual(listener.folded("isp-a"), three);
    frr.change("address-family ipv4 unicast", `no network ${far.prefix}`);
    await heard(listener, "a withdrawal", linesOf(as, near, six));
    frr.change("address-family ipv6 unicast", `no network ${six.prefix}`, "network 2001:db8:2::/48");
    await heard(listener, "another prefix", linesOf(as, near, { prefix: "2001:db8:2::/48" }));
    for (let flap = 0; flap < 3; flap++) {
      frr.change("address-family ipv4 unicast", `no network ${near.prefix}`, `network ${far.prefix}`);
      frr.change("address-family ipv4 unicast", `network ${near.prefix}`, `no network ${far.prefix}`);
    }
    const last = linesOf(as, { prefix: near.prefix, med: 0 }, { prefix: "2001:db8:2::/48" });
    await heard(
      listener,
      "after a flap",
      last.map((line) => line.replace(", med 0", "")),
    );
  });

  test("[BG140] without any capability, the only way to make FRR speak two-octet AS numbers, IPv4 is heard", async (t) => {
    const said = [{ prefix: "203.0.113.0/24", via: [64_501, 4_200_000_007] }];
    const session = ["dont-capability-negotiate"];
    const { listener } = await pair(t, "127.0.0.72", { said, session });
    await heard(listener, "a path of both widths", linesOf(as, ...said));
    assert.equal(listener.speaker.rib("127.0.0.72")?.terms.asOctets, 2);
    const wide = await pair(t, "127.0.0.73", { said, as: 4_200_000_001 });
    await heard(wide.listener, "an AS number of four octets", linesOf(4_200_000_001, ...said));
    assert.equal(wide.listener.speaker.rib("127.0.0.73")?.terms.asOctets, 4);
  });

  test("[BG140] with add-path FRR tells several paths and the best counts; without, its own best", async (t) => {
    const sources = ["127.0.0.75", "127.0.0.76"] as const;
    const router = sources.flatMap((address, n) => [
      `neighbor ${address} remote-as ${64_601 + n}`,
      ...["disable-connected-check", "passive"].map((line) => `neighbor ${address} ${line}`),
    ]);
    const prefix = "192.0.2.0/24";
    for (const [address, addPath] of [
      ["127.0.0.74", ["ipv4", "ipv6"]],
      ["127.0.0.68", []],
    ] as const) {
      const port = await freePort(address);
      const order = { port, said: [near], router, channel: ["addpath-tx-all-paths"] };
      const { listener, frr } = await pair(t, address, order, { addPath: [...addPath] });
      frr.change("address-family ipv4 unicast", ...sources.map((source) => `neighbor ${source} activate`));
      const to = { host: address, port };
      const path = (...via: readonly number[]): readonly string[] => linesOf(as, near, { prefix, via });
      const long = await announce(t, {
        address: sources[0],
        as: 64_601,
        to,
        said: [{ prefix, via: [7, 8] }],
      });
      const short = await announce(t, { address: sources[1], as: 64_602, to, said: [{ prefix, via: [9] }] });
      await heard(listener, "the shorter of both", path(64_602, 9));
      const { prefixes } = listener.status(address);
      assert.equal(prefixes[4], addPath.length > 0 ? 3 : 2, "paths of both prefixes");
      short.leave();
      await heard(listener, "the one that is left", path(64_601, 7, 8));
      long.leave();
      await heard(listener, "none", linesOf(as, near));
    }
  });
}

function refreshAndLoss(): void {
  test("[BG140] a refresh makes FRR say all again, and nothing changes by it", async (t) => {
    const address = "127.0.0.77";
    const { listener } = await pair(t, address);
    await listener.whole(address, 4, 6);
    listener.news();
    const before = listener.status(address).counts.announced;
    listener.speaker.askAgain(address);
    // Some it says twice.
    await until("all again", () => listener.status(address).counts.announced >= before + 3);
    assert.deepEqual(listener.news(), []);
    assert.deepEqual(listener.routes("isp-a"), three);
  });

  test("[BG140] an FRR that dies and restarts keeps its routes until it has said all again", async (t) => {
    const address = "127.0.0.78";
    const router = ["bgp graceful-restart", "bgp graceful-restart preserve-fw-state"];
    const { listener, frr } = await pair(t, address, { router });
    await listener.whole(address, 4, 6);
    listener.news();
    await frr.kill();
    await until("the loss", () => listener.status(address).state !== "Established");
    assert.deepEqual(listener.folded("isp-a"), three, "stale routes count");
    await frr.start({ said: [near, six] });
    await heard(listener, "the sweep", linesOf(as, near, six));
    assert.deepEqual(listener.news(), [`-${far.prefix}`], "and nothing else was said on the way");
  });
}

function words(): void {
  test("[BG140] NOTIFICATIONs go both ways, with the operator's sentence", async (t) => {
    const address = "127.0.0.79";
    const { listener, frr } = await pair(t, address);
    await heard(listener, "all", three);
    listener.speaker.stop(address, "moving house");
    await until("FRR's word", () => /moving house/.test(frr.log()));
    assert.deepEqual(listener.folded("isp-a"), []);
    listener.speaker.start(address);
    await heard(listener, "all again", three);
    frr.change(`neighbor ${listenHost} shutdown message gone fishing`);
    await heard(listener, "the withdrawal", []);
    assert.ok(listener.notes.some((line) => line.includes("gone fishing")));
  });

  test("[BG140] we connect to an FRR that waits; a wrong AS is refused, and both say so", async (t) => {
    const address = "127.0.0.70";
    const port = await freePort(address);
    const ours = { port, passive: false, source: listenHost };
    const { listener, frr } = await pair(t, address, { port, session: ["passive"] }, ours);
    await heard(listener, "all", three);
    await listener.speaker.close("another one comes");
    const peers = [{ address, as: 64_501, site: "isp-a", ...ours }];
    const strict = await openListener(t, peers, { connectRetryMs: 200 });
    await until("our refusal", () => strict.notes.some((line) => line.includes("(2/2)")));
    await until("FRR's word of it", () => /OPEN Message Error.Bad Peer AS/i.test(frr.log()));
  });
}
