import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { hearMrt, mrtReader } from "#bgp/mrt.ts";
import type { RouteEvent } from "#model/network.ts";
import {
  type Bird,
  type BirdOrder,
  freePort,
  type Listener,
  listenHost,
  missingBird,
  openListener,
  plansOf,
  routeLine,
  startBird,
  until,
} from "./bgp-rig.ts";

type Context = Parameters<typeof startBird>[0];
type Neighbour = Parameters<typeof openListener>[1][number];

interface Pair {
  readonly listener: Listener;
  readonly bird: Bird;
}

/** A listener and a BIRD at an address of its own, which has said all it has. */
async function pair(
  t: Context,
  address: string,
  order: Partial<BirdOrder> = {},
  peer: Partial<Neighbour> = {},
): Promise<Pair> {
  const as = order.as ?? 64_500;
  const listener = await openListener(t, [{ address, as, site: "isp-a", ...peer }], { idleHoldMs: 200 });
  const port = await freePort(address);
  const v4 = ["203.0.113.0/24 { bgp_med = 5; }", "198.51.100.0/24 { bgp_path.prepend(64501); }"];
  const base = { address, port, as, peerPort: listener.speaker.port, v4, v6: ["2001:db8:1::/48"] };
  const bird = await startBird(t, { ...base, ...order });
  await listener.whole(address, 4, 6);
  return { listener, bird };
}

const three = [
  "198.51.100.0/24 via 64500 64501",
  "2001:db8:1::/48 via 64500",
  "203.0.113.0/24 via 64500, med 5",
];

/** Each test has an address of its own, and waits most of its time for BIRD's timers of a second. */
describe("BIRD 2", { concurrency: 10 }, () => {
  routesAndPaths();
  refreshAndLoss();
  wordsAndLimits();
  dumps();
});

function routesAndPaths(): void {
  test("[BG68] BIRD's routes of both families are heard, changed and withdrawn", {
    skip: missingBird,
  }, async (t) => {
    const { listener, bird } = await pair(t, "127.0.0.41");
    assert.deepEqual(listener.routes("isp-a"), three);
    assert.deepEqual(listener.folded("isp-a"), three);
    bird.reconfigure({ v4: ["203.0.113.0/24 { bgp_med = 7; }"], v6: ["2001:db8:2::/48"] });
    const changed = ["2001:db8:2::/48 via 64500", "203.0.113.0/24 via 64500, med 7"];
    await until("the change", () => listener.folded("isp-a").join() === changed.join());
    assert.deepEqual(listener.routes("isp-a"), changed);
    assert.match(bird.ask("show protocols all listener"), /Established/);
  });

  test("[BG68] a two-octet session gives the same path as a four-octet one", {
    skip: missingBird,
  }, async (t) => {
    const v4 = ["203.0.113.0/24 { bgp_path.prepend(4200000007); bgp_path.prepend(64501); }"];
    for (const [address, session] of [
      ["127.0.0.42", ""],
      ["127.0.0.43", "enable as4 no;"],
    ] as const) {
      const { listener } = await pair(t, address, { v4, v6: [], session });
      assert.deepEqual(listener.routes("isp-a"), ["203.0.113.0/24 via 64500 64501 4200000007"]);
    }
    const { listener, bird } = await pair(t, "127.0.0.44", {
      as: 4_200_000_001,
      v4: ["203.0.113.0/24"],
      v6: [],
    });
    assert.deepEqual(listener.routes("isp-a"), ["203.0.113.0/24 via 4200000001"]);
    assert.match(bird.ask("show protocols all listener"), /AS numbers 64999|Neighbor AS: +64999/);
  });

  test("[BG68] with add-path several paths are heard and the best is told; without, the one", {
    skip: missingBird,
  }, async (t) => {
    const order = {
      channel: "add paths tx;",
      v4: ["203.0.113.0/24 { bgp_path.prepend(64502); bgp_path.prepend(64501); }"],
      // BIRD's own best, by preference; ours is the shorter one.
      extra: `protocol static more { ipv4 { preference 50; }; route 203.0.113.0/24 blackhole { bgp_path.prepend(64503); }; }`,
    };
    const many = await pair(t, "127.0.0.45", order, { addPath: ["ipv4", "ipv6"] });
    await until("both paths", () => many.listener.status("127.0.0.45").prefixes[4] === 2);
    const v6 = "2001:db8:1::/48 via 64500";
    assert.deepEqual(many.listener.routes("isp-a"), [v6, "203.0.113.0/24 via 64500 64503"]);
    assert.deepEqual(many.listener.folded("isp-a"), many.listener.routes("isp-a"));
    many.bird.reconfigure({ extra: "" });
    await until("one path", () =>
      many.listener.folded("isp-a").includes("203.0.113.0/24 via 64500 64501 64502"),
    );
    const one = await pair(t, "127.0.0.46", order);
    assert.deepEqual(one.listener.routes("isp-a"), [v6, "203.0.113.0/24 via 64500 64501 64502"]);
  });
}

function refreshAndLoss(): void {
  test("[BG68] a refresh says all again, and nothing changes by it", { skip: missingBird }, async (t) => {
    const address = "127.0.0.47";
    const { listener } = await pair(t, address);
    listener.news();
    const before = listener.status(address).counts.announced;
    listener.speaker.askAgain(address);
    await until("all again", () => listener.status(address).counts.announced >= before + 3);
    assert.deepEqual(listener.news(), []);
    assert.deepEqual(listener.routes("isp-a"), three);
  });

  test("[BG68] a BIRD that dies and restarts keeps its routes until it has said all again", {
    skip: missingBird,
  }, async (t) => {
    const address = "127.0.0.48";
    const { listener, bird } = await pair(t, address, {
      session: "graceful restart on; graceful restart time 30;",
    });
    listener.news();
    await bird.kill();
    await until("the loss", () => listener.status(address).state !== "Established");
    assert.deepEqual(listener.folded("isp-a"), three, "stale routes count");
    await bird.start({ v4: ["203.0.113.0/24 { bgp_med = 5; }"], session: "graceful restart on;" });
    await until("established again", () => listener.status(address).state === "Established");
    const left = [three[1], three[2]];
    await until("the sweep", () => listener.folded("isp-a").join() === left.join());
    assert.ok(listener.news().includes("-198.51.100.0/24"));
  });

  test("[BG68] without graceful restart a lost BIRD's routes count for the stale time", {
    skip: missingBird,
  }, async (t) => {
    const address = "127.0.0.49";
    const listener = await openListener(t, [{ address, as: 64_500, site: "isp-a" }], { staleMs: 300 });
    const port = await freePort(address);
    const order = { address, port, as: 64_500, peerPort: listener.speaker.port, v4: ["203.0.113.0/24"] };
    const bird = await startBird(t, { ...order, session: "graceful restart off;" });
    // It sends no End-of-RIB then.
    await until("the route", () => listener.folded("isp-a").length === 1);
    await bird.kill();
    await until("the loss", () => listener.status(address).state !== "Established");
    assert.deepEqual(listener.folded("isp-a"), ["203.0.113.0/24 via 64500"]);
    await until("the withdrawal", () => listener.folded("isp-a").length === 0);
  });
}

function wordsAndLimits(): void {
  test("[BG68] NOTIFICATIONs go both ways, with the operator's sentence", {
    skip: missingBird,
  }, async (t) => {
    const address = "127.0.0.50";
    const { listener, bird } = await pair(t, address);
    listener.speaker.stop(address, "moving house");
    await until("BIRD's word", () => /moving house/.test(bird.log()));
    assert.deepEqual(listener.folded("isp-a"), []);
    listener.speaker.start(address);
    await until("established again", () => listener.folded("isp-a").length === 3);
    bird.ask('disable listener "gone fishing"');
    await until("the withdrawal", () => listener.folded("isp-a").length === 0);
    assert.ok(
      listener.notes.some((line) => line.includes("gone fishing")),
      listener.notes.join("\n"),
    );
  });

  test("[BG68] too many prefixes end the session, and BIRD is told which limit", {
    skip: missingBird,
  }, async (t) => {
    const address = "127.0.0.51";
    const listener = await openListener(t, [{ address, as: 64_500, site: "isp-a", maxPrefix: { ipv4: 1 } }]);
    const v4 = ["203.0.113.0/24", "198.51.100.0/24"];
    const order = { address, port: await freePort(address), as: 64_500, peerPort: listener.speaker.port, v4 };
    const bird = await startBird(t, order);
    await until("BIRD's word", () => /Maximum number of prefixes reached/i.test(bird.log()));
    assert.deepEqual(listener.folded("isp-a"), []);
  });

  test("[BG68] we connect to a BIRD that waits, and a wrong AS is refused by both", {
    skip: missingBird,
  }, async (t) => {
    const address = "127.0.0.52";
    const port = await freePort(address);
    const v4 = ["203.0.113.0/24"];
    const bird = await startBird(t, { address, port, as: 64_500, peerPort: 1, v4, session: "passive yes;" });
    const peer = { address, port, as: 64_500, site: "isp-a", passive: false, source: listenHost };
    const listener = await openListener(t, [peer], { connectRetryMs: 200 });
    await listener.whole(address, 4);
    assert.deepEqual(listener.routes("isp-a"), ["203.0.113.0/24 via 64500"]);
    assert.ok(bird.ask("show protocols listener").includes("Established"));
    await listener.speaker.close("another one comes");
    const strict = await openListener(t, [{ ...peer, as: 64_501 }], { connectRetryMs: 200 });
    await until("the refusal", () => strict.notes.some((line) => line.includes("(2/2)")));
  });
}

function dumps(): void {
  test("[BG62] a dump that BIRD wrote is read", { skip: missingBird }, async (t) => {
    const address = "127.0.0.53";
    const set = (hop: string): string =>
      `{ bgp_origin = ORIGIN_IGP; bgp_path.prepend(64502); bgp_path.prepend(64501); bgp_med = 5; bgp_next_hop = ${hop}; }`;
    const bird = await startBird(t, {
      address,
      port: await freePort(address),
      as: 64_500,
      peerPort: 1,
      v4: [`203.0.113.0/24 ${set("192.0.2.1")}`],
      v6: [`2001:db8:1::/48 ${set("2001:db8::1")}`],
    });
    const lines: string[] = [];
    const told = (event: RouteEvent): void => {
      if (event.kind === "announce") lines.push(routeLine(event.route));
    };
    const [plan] = plansOf([{ address, as: 64_500, site: "isp-a" }]);
    assert.ok(plan !== undefined);
    const reader = mrtReader({ siteId: plan.site, filter: plan.filter, seed: 1, told });
    for (const table of ["master4", "master6"]) {
      const file = join(bird.folder, `${table}.mrt`);
      bird.ask(`mrt dump table "${table}" to "${file}"`);
      await until("the dump", () => existsSync(file) && readFileSync(file).length > 100);
      assert.equal(hearMrt(reader, readFileSync(file)), undefined);
    }
    assert.deepEqual(lines, [
      "203.0.113.0/24 via 64501 64502, med 5",
      "2001:db8:1::/48 via 64501 64502, med 5",
    ]);
  });
}
