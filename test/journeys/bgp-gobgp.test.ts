import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { announce } from "./bgp-announcer.ts";
import { linesOf, type Said } from "./bgp-daemon.ts";
import { freePort, type Listener, listenHost, openListener, until } from "./bgp-rig.ts";
import { type Gobgp, type GobgpOrder, missingGobgp, startGobgp } from "./gobgp-rig.ts";

type Context = Parameters<typeof startGobgp>[0];
type Neighbour = Parameters<typeof openListener>[1][number];

const as = 64_500;
const near: Said = { prefix: "203.0.113.0/24", med: 5 };
const far: Said = { prefix: "198.51.100.0/24", via: [64_501] };
const six: Said = { prefix: "2001:db8:1::/48" };
const three = linesOf(as, near, far, six);

/**
 * A GoBGP at an address of its own, and a listener that connects to it. The other way round GoBGP takes 5 to 10 s before
 * its first attempt, whatever it is told.
 */
async function pair(
  t: Context,
  address: string,
  order: Partial<GobgpOrder> = {},
  peer: Partial<Neighbour> = {},
): Promise<{ readonly listener: Listener; readonly gobgp: Gobgp; readonly port: number }> {
  const settings = { idleHoldMs: 200, connectRetryMs: 200 };
  const port = await freePort(address);
  const gobgp = await startGobgp(t, { address, port, as, said: [near, far, six], ...order });
  const ours = { address, port, passive: false, source: listenHost, site: "isp-a" };
  const listener = await openListener(t, [{ ...ours, as: order.as ?? as, ...peer }], settings);
  return { listener, gobgp, port };
}

function heard({ folded }: Listener, what: string, lines: readonly string[]): Promise<void> {
  const seen = (): string => folded("isp-a").join("; ");
  return until(`${what}: ${lines.join("; ")}`, () => folded("isp-a").join() === lines.join(), seen);
}

/** Each test has an address of its own. */
describe("GoBGP", { concurrency: 10, skip: missingGobgp }, () => {
  routesAndPaths();
  refreshAndLoss();
  words();
});

function routesAndPaths(): void {
  test("[BG141] GoBGP's routes of both families are heard, changed, withdrawn and said again", async (t) => {
    const { listener, gobgp } = await pair(t, "127.0.0.81");
    await heard(listener, "all", three);
    assert.deepEqual(listener.routes("isp-a"), three);
    gobgp.unsay(far);
    await heard(listener, "a withdrawal", linesOf(as, near, six));
    gobgp.say({ ...near, med: 7 }, { ...six, via: [64_502] });
    await heard(listener, "changes", linesOf(as, { ...near, med: 7 }, { ...six, via: [64_502] }));
    for (let flap = 0; flap < 5; flap++) {
      gobgp.say(far);
      gobgp.unsay(far);
    }
    gobgp.say(far);
    await heard(listener, "after a flap", linesOf(as, { ...near, med: 7 }, { ...six, via: [64_502] }, far));
  });

  test("[BG141] AS numbers of four octets, of GoBGP and in its paths (it cannot leave the capability out)", async (t) => {
    const said = [{ prefix: "203.0.113.0/24", via: [64_501, 4_200_000_007] }];
    const { listener } = await pair(t, "127.0.0.82", { said, as: 4_200_000_001 });
    await heard(listener, "both", linesOf(4_200_000_001, ...said));
  });

  test("[BG141] with add-path GoBGP tells several paths and the best counts; without, its own best", async (t) => {
    const sources = ["127.0.0.84", "127.0.0.85"] as const;
    const extra = sources
      .map(
        (address, n) => `
[[neighbors]]
[neighbors.config]
neighbor-address = "${address}"
peer-as = ${64_601 + n}
[neighbors.transport.config]
passive-mode = true
`,
      )
      .join("");
    const prefix = "198.51.100.0/24";
    for (const [address, addPath] of [
      ["127.0.0.83", ["ipv4", "ipv6"]],
      ["127.0.0.86", []],
    ] as const) {
      const session = "[neighbors.add-paths.config]\nsend-max = 8\n";
      const order = { said: [near], extra, session };
      const { listener, port } = await pair(t, address, order, { addPath: [...addPath] });
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
      assert.equal(listener.status(address).prefixes[4], addPath.length > 0 ? 3 : 2);
      short.leave();
      await heard(listener, "the one that is left", path(64_601, 7, 8));
      long.leave();
      await heard(listener, "none", linesOf(as, near));
    }
  });
}

function refreshAndLoss(): void {
  test("[BG141] a refresh makes GoBGP say all again, and nothing changes by it", async (t) => {
    const address = "127.0.0.87";
    const { listener } = await pair(t, address);
    await heard(listener, "all", three);
    listener.news();
    const before = listener.status(address).counts.announced;
    listener.speaker.askAgain(address);
    await until("all again", () => listener.status(address).counts.announced >= before + 3);
    assert.deepEqual(listener.news(), []);
    assert.deepEqual(listener.routes("isp-a"), three);
  });

  test("[BG141] a GoBGP that dies and restarts keeps its routes until it has said all again", async (t) => {
    const address = "127.0.0.88";
    const session = "[neighbors.graceful-restart.config]\nenabled = true\nrestart-time = 30\n";
    const { listener, gobgp } = await pair(t, address, { session });
    await heard(listener, "all", three);
    listener.news();
    await gobgp.kill();
    await until("the loss", () => listener.status(address).state !== "Established");
    assert.deepEqual(listener.folded("isp-a"), three, "stale routes count");
    await gobgp.start({ argv: ["-r"], said: [near, six] });
    await heard(listener, "the sweep", linesOf(as, near, six));
  });
}

function words(): void {
  test("[BG141] NOTIFICATIONs go both ways, with the operator's sentence", async (t) => {
    const ours = await pair(t, "127.0.0.89");
    await heard(ours.listener, "all", three);
    ours.listener.speaker.stop("127.0.0.89", "moving house");
    await until("GoBGP's word", () => /moving house/.test(ours.gobgp.log()));
    assert.deepEqual(ours.listener.folded("isp-a"), []);
    const { listener, gobgp } = await pair(t, "127.0.0.90");
    await heard(listener, "all", three);
    gobgp.ask("neighbor", listenHost, "shutdown", "--reason", "gone fishing");
    await heard(listener, "the withdrawal", []);
    assert.ok(
      listener.notes.some((line) => line.includes("gone fishing")),
      listener.notes.join(""),
    );
  });

  test("[BG141] a wrong AS is refused on either side", async (t) => {
    const [ours, theirs] = [
      await pair(t, "127.0.0.80", {}, { as: 64_501 }),
      await pair(t, "127.0.0.91", { peerAs: 64_998 }),
    ];
    await until("our refusal", () =>
      ours.listener.notes.some((line) => /notification-sent.*\(2\/2\)/.test(line)),
    );
    await until("GoBGP's", () =>
      theirs.listener.notes.some((line) => /notification-received.*\(2\/2\)/.test(line)),
    );
  });
}
