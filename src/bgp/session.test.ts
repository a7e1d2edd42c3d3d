import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { noCapabilities } from "./capability.ts";
import type { Open } from "./open.ts";
import { lost, peerOpen, restarting, Side, updates } from "./sample-session.ts";
import { nextDue, type SessionEvent, type SessionTerms } from "./session-state.ts";

test("[BG44] a passive session waits, opens when the neighbour connects, and is established by its KEEPALIVE", () => {
  const side = new Side();
  assert.equal(side.name, "Idle");
  assert.deepEqual(side.take({ kind: "start" }), []);
  assert.equal(side.name, "Active");
  assert.deepEqual(side.take({ kind: "connected", link: 1, direction: "in" }), ["send open on 1"]);
  assert.equal(side.name, "OpenSent");
  assert.deepEqual(side.take({ kind: "open", link: 1, open: peerOpen }), ["send keepalive on 1"]);
  assert.equal(side.name, "OpenConfirm");
  assert.deepEqual(side.take({ kind: "keepalive", link: 1 }), ["established 1"]);
  assert.equal(side.name, "Established");
});

test("[BG44] with an open delay the neighbour has the first word", () => {
  const side = new Side({ openDelayMs: 5000 });
  side.take({ kind: "start" });
  assert.deepEqual(side.take({ kind: "connected", link: 1, direction: "in" }), []);
  assert.deepEqual(side.take({ kind: "open", link: 1, open: peerOpen }), [
    "send open on 1",
    "send keepalive on 1",
  ]);
  const silent = new Side({ openDelayMs: 5000 });
  silent.take({ kind: "start" }, { kind: "connected", link: 1, direction: "in" });
  assert.deepEqual(silent.wait(4999), []);
  assert.deepEqual(silent.wait(1), ["send open on 1"]);
});

test("[BG45] an active session connects, tries again after the retry time, and after a rest when it was lost", () => {
  const side = new Side({ isPassive: false, connectRetryMs: 30_000, idleHoldMs: 5000 });
  assert.deepEqual(side.take({ kind: "start" }), ["connect"]);
  assert.equal(side.name, "Connect");
  side.take({ kind: "connect-failed", because: "refused" });
  assert.equal(side.name, "Active");
  assert.deepEqual(side.wait(29_999), []);
  assert.deepEqual(side.wait(1), ["connect"]);
  assert.deepEqual(side.wait(30_000), ["abandon", "connect"], "a connection that hangs is given up");
  side.take({ kind: "connected", link: 1, direction: "out" });
  side.take({ kind: "open", link: 1, open: peerOpen }, { kind: "keepalive", link: 1 });
  side.take(updates(1));
  side.take(lost);
  assert.deepEqual(
    side.wait(4999).filter((word) => word === "connect"),
    [],
  );
  assert.deepEqual(side.wait(1), ["connect"]);
});

test("[BG46] silence for the hold time ends the session with 4/0; KEEPALIVEs go out every third of it", () => {
  const side = new Side({ staleMs: 0 }).establish();
  const said = side.wait(89_999);
  assert.deepEqual(said, ["send keepalive on 1", "send keepalive on 1"]);
  assert.deepEqual(side.wait(1), ["send notification 4/0 on 1", "close 1", "sweep all 4", "sweep all 6"]);
  const alive = new Side().establish();
  for (let i = 0; i < 5; i++) {
    alive.wait(60_000);
    alive.take(i % 2 === 0 ? updates(1) : { kind: "keepalive", link: 1 });
  }
  assert.equal(alive.name, "Established");
});

test("[BG46] the smaller hold time counts; 0 means no timers at all", () => {
  const short = new Side().establish({ ...peerOpen, holdSeconds: 3 });
  assert.ok(short.wait(3000).includes("send notification 4/0 on 1"));
  const never = new Side().establish({ ...peerOpen, holdSeconds: 0 });
  assert.equal(nextDue(never.state), undefined);
  assert.deepEqual(never.wait(1e9), []);
});

test("[BG46] a neighbour that never opens is given up", () => {
  const side = new Side({ openHoldMs: 240_000 });
  side.take({ kind: "start" }, { kind: "connected", link: 1, direction: "in" });
  assert.deepEqual(side.wait(240_000), ["send notification 4/0 on 1", "close 1"]);
  assert.equal(side.name, "Idle");
});

test("[BG47] another AS, our own identifier inside an AS, and no common family are refused by their codes", () => {
  const answers = (open: Open, terms: Partial<SessionTerms> = {}): string | undefined => {
    const side = new Side(terms);
    side.take({ kind: "start" }, { kind: "connected", link: 1, direction: "in" });
    return side.take({ kind: "open", link: 1, open }).find((word) => word.startsWith("send"));
  };
  assert.equal(answers({ ...peerOpen, as: 64_501 }), "send notification 2/2 on 1");
  assert.equal(
    answers({ ...peerOpen, routerId: 1 }),
    "send keepalive on 1",
    "another AS may have the same one",
  );
  const inside = { localAs: 64_500, peerAs: 64_500 };
  assert.equal(answers({ ...peerOpen, routerId: 1 }, inside), "send notification 2/3 on 1");
  const v6only = { ...peerOpen, capabilities: { ...peerOpen.capabilities, families: [6 as const] } };
  assert.equal(answers(v6only, { families: [4] }), "send notification 2/7 on 1");
});

test("[BG55] what is agreed on is what both sides can do", () => {
  const agreed = (open: Open, terms: Partial<SessionTerms> = {}): unknown => {
    const side = new Side(terms).establish(open);
    const { update, holdMs, isExtendedMessage } = side.state.links[0]?.agreement ?? assert.fail();
    return { ...update, holdMs, isExtendedMessage };
  };
  const plain = {
    asOctets: 4,
    isExternal: true,
    families: [4, 6],
    addPath: [],
    holdMs: 90_000,
    isExtendedMessage: false,
  };
  assert.deepEqual(agreed(peerOpen), plain);
  const old = { ...peerOpen, capabilities: noCapabilities };
  assert.deepEqual(
    agreed(old),
    { ...plain, asOctets: 2, families: [4] },
    "who speaks of no family speaks IPv4",
  );
  const many: Open = {
    ...peerOpen,
    capabilities: {
      ...peerOpen.capabilities,
      extendedMessage: true,
      addPath: [
        { family: 4, direction: "send" },
        { family: 6, direction: "receive" },
      ],
    },
  };
  assert.deepEqual(agreed(many, { addPath: [4, 6] }), { ...plain, addPath: [4], isExtendedMessage: true });
  assert.deepEqual(agreed(many), { ...plain, isExtendedMessage: true }, "not wanted here");
});

test("[BG48] of two connections at once the one opened by the higher identifier stays", () => {
  const collide = (routerId: number, inFirst: boolean): string[] => {
    const side = new Side({ isPassive: false, routerId: 5 });
    side.take({ kind: "start" });
    side.take(
      { kind: "connected", link: 1, direction: "in" },
      { kind: "connected", link: 2, direction: "out" },
    );
    const open = { ...peerOpen, routerId };
    const [first, second] = inFirst ? [1, 2] : [2, 1];
    side.take({ kind: "open", link: first, open });
    const done = side.take({ kind: "open", link: second, open });
    assert.equal(side.state.links.length, 1);
    side.take({ kind: "keepalive", link: side.state.links[0]?.id ?? 0 });
    assert.equal(side.name, "Established");
    return done.filter((word) => !word.includes("keepalive"));
  };
  for (const inFirst of [true, false]) {
    assert.deepEqual(collide(9, inFirst), ["send notification 6/7 on 2", "close 2"], "theirs is higher");
    assert.deepEqual(collide(1, inFirst), ["send notification 6/7 on 1", "close 1"], "ours is higher");
  }
});

test("[BG48] a connection beside an established one is turned away", () => {
  const side = new Side().establish();
  assert.deepEqual(side.take({ kind: "connected", link: 2, direction: "in" }), [
    "send notification 6/7 on 2",
    "close 2",
  ]);
  assert.equal(side.name, "Established");
});

test("[BG166] a connection on which the neighbour never spoke gives way to its next one", () => {
  const side = new Side();
  side.take({ kind: "start" }, { kind: "connected", link: 1, direction: "in" });
  const again: SessionEvent = { kind: "connected", link: 2, direction: "in" };
  assert.deepEqual(side.take(again), ["send open on 2", "send notification 6/7 on 1", "close 1"]);
  side.take({ kind: "open", link: 2, open: peerOpen });
  const third: SessionEvent = { kind: "connected", link: 3, direction: "in" };
  assert.deepEqual(side.take(third), ["send notification 6/7 on 3", "close 3"], "on this one it spoke");
  side.take({ kind: "keepalive", link: 2 });
  assert.equal(side.name, "Established");
});

test("[BG54] a message that has no place in the phase ends the connection with 5/1, 5/2 or 5/3", () => {
  const answer = (before: readonly SessionEvent[], event: SessionEvent): string | undefined => {
    const side = new Side();
    side.take({ kind: "start" }, { kind: "connected", link: 1, direction: "in" }, ...before);
    return side.take(event).find((word) => word.startsWith("send"));
  };
  const open: SessionEvent = { kind: "open", link: 1, open: peerOpen };
  const keepalive: SessionEvent = { kind: "keepalive", link: 1 };
  assert.equal(answer([], keepalive), "send notification 5/1 on 1");
  assert.equal(answer([], updates(1)), "send notification 5/1 on 1");
  assert.equal(answer([open], updates(1)), "send notification 5/2 on 1");
  assert.equal(answer([open], open), "send notification 5/2 on 1");
  assert.equal(answer([open, keepalive], open), "send notification 5/3 on 1");
});

const anyEvent: fc.Arbitrary<SessionEvent> = fc.oneof(
  fc.constantFrom<SessionEvent>(
    { kind: "start" },
    { kind: "tick" },
    { kind: "connect-failed", because: "" },
    { kind: "ask-again" },
    { kind: "stop", subcode: 2, sentence: "" },
  ),
  fc
    .tuple(fc.nat(1), fc.constantFrom<"in" | "out">("in", "out"))
    .map(([link, direction]): SessionEvent => ({ kind: "connected", link, direction })),
  fc
    .tuple(
      fc.nat(1),
      fc.constantFrom(peerOpen, restarting(true), peerOpen, restarting(false), { ...peerOpen, as: 1 }),
    )
    .map(([link, open]): SessionEvent => ({ kind: "open", link, open })),
  fc
    .nat(4)
    .chain((link) =>
      fc.constantFrom<SessionEvent>(
        { kind: "keepalive", link },
        { kind: "keepalive", link },
        { kind: "closed", link, because: "" },
        { kind: "updates", link, counts: { 4: 3, 6: 0 }, attributeOctets: 0 },
        { kind: "updates", link, counts: { 4: 3, 6: 0 }, attributeOctets: 1e12 },
        { kind: "updates", link, counts: { 4: 1e9, 6: 0 }, attributeOctets: 0 },
        { kind: "end-of-rib", link, family: 4 },
        { kind: "refresh", link, family: 6, what: "begin" },
        { kind: "broken", link, error: { code: 1, subcode: 1, data: new Uint8Array(0), because: "" } },
      ),
    ),
);

test("[BG56] whatever happens: at most two connections, one established, never stuck, nothing kept without a due time", () => {
  const names = new Set<string>();
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.array(fc.tuple(fc.nat(50_000), anyEvent), { maxLength: 40 }),
      (isPassive, happenings) => {
        const side = new Side({ isPassive });
        side.take({ kind: "start" });
        for (const [ms, event] of happenings) {
          side.now += ms;
          // io/ gives each connection a number of its own.
          if (event.kind === "connected" && side.state.links.some(({ id }) => id === event.link)) continue;
          side.take(event);
          names.add(side.name);
          const { links, mode, restDue, connectDue, stale } = side.state;
          assert.ok(links.length <= 2);
          assert.ok(links.filter(({ phase }) => phase === "established").length <= 1);
          assert.ok(new Set(links.map(({ direction }) => direction)).size === links.length);
          for (const link of links) assert.ok(link.holdDue !== undefined, "a connection that nothing ends");
          if (mode === "resting") assert.ok(restDue !== undefined && links.length === 0);
          if (mode === "stopped") assert.ok(links.length === 0 && Object.keys(stale).length === 0);
          if (mode === "waiting" && !isPassive && links.length === 0) assert.ok(connectDue !== undefined);
        }
      },
    ),
    { numRuns: 2000, seed: 51 },
  );
  assert.equal(names.size, 6, [...names].join());
});
