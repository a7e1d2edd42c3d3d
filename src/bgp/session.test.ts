import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { noCapabilities } from "./capability.ts";
import type { Family } from "./family.ts";
import type { Open } from "./open.ts";
import { sampleTerms } from "./sample-route.ts";
import { step } from "./session.ts";
import {
  idleSession,
  nextDue,
  type SessionAction,
  type SessionEvent,
  type SessionState,
  type SessionTerms,
  stateName,
} from "./session-state.ts";

const peerOpen: Open = {
  as: 64_500,
  holdSeconds: 90,
  routerId: 9,
  capabilities: {
    ...noCapabilities,
    families: [4, 6],
    refresh: true,
    enhancedRefresh: true,
    fourOctetAs: 64_500,
  },
};
const restarting = (forwarding: boolean): Open => ({
  ...peerOpen,
  capabilities: {
    ...peerOpen.capabilities,
    gracefulRestart: {
      isRestarted: false,
      restartSeconds: 60,
      families: [4, 6].map((family) => ({ family: family === 4 ? 4 : 6, isForwardingKept: forwarding })),
    },
  },
});

/** One side of a session, a clock, and all that was done so far in short words. */
class Side {
  state: SessionState;
  now = 0;
  said: string[] = [];

  constructor(terms: Partial<SessionTerms> = {}) {
    this.state = idleSession({ ...sampleTerms, ...terms });
  }

  /** Takes events in and returns what was done. */
  take(...events: readonly SessionEvent[]): string[] {
    const done: string[] = [];
    for (const event of events) {
      const { state, actions } = step(this.state, event, this.now);
      this.state = state;
      done.push(...actions.map(worded).filter((word) => word !== ""));
    }
    this.said.push(...done);
    return done;
  }

  /** Lets time pass, with every tick that falls due. */
  wait(ms: number): string[] {
    const done: string[] = [];
    const end = this.now + ms;
    for (let due = nextDue(this.state); due !== undefined && due <= end; due = nextDue(this.state)) {
      assert.ok(due >= this.now - 1 || done.length < 1000, "time does not pass");
      this.now = Math.max(this.now, due);
      done.push(...this.take({ kind: "tick" }));
    }
    this.now = end;
    return done;
  }

  get name(): string {
    return stateName(this.state);
  }

  /** All the way to Established over connection 1. */
  establish(open = peerOpen, link = 1): this {
    if (this.state.mode === "stopped") this.take({ kind: "start" });
    this.take(
      { kind: "connected", link, direction: "in" },
      { kind: "open", link, open },
      { kind: "keepalive", link },
    );
    assert.equal(this.name, "Established");
    this.said = [];
    return this;
  }
}

const kinds = ["", "open", "update", "notification", "keepalive", "refresh"];

function worded(action: SessionAction): string {
  switch (action.kind) {
    case "send": {
      const kind = kinds[action.message[18] ?? 0] ?? "";
      const error = kind === "notification" ? ` ${action.message[19]}/${action.message[20]}` : "";
      return `send ${kind}${error} on ${action.link}`;
    }
    case "close":
      return `close ${action.link}`;
    case "established":
      return `established ${action.link}`;
    case "stale":
    case "complete":
      return `${action.kind} ${action.family}`;
    case "sweep":
      return `sweep ${action.which} ${action.family}`;
    case "note":
      return "";
    default:
      return action.kind;
  }
}

function updates(v4: number, v6 = 0, link = 1): SessionEvent {
  return { kind: "updates", link, counts: { 4: v4, 6: v6 } };
}

function endOfRib(family: Family, link = 1): SessionEvent {
  return { kind: "end-of-rib", link, family };
}

const lost: SessionEvent = { kind: "closed", link: 1, because: "reset" };

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

test("[BG49] too many prefixes end the session with 6/1, after a word of warning", () => {
  const side = new Side({ maxPrefixes: { 4: 100, 6: 50 }, maxPrefixHoldMs: 900_000 }).establish();
  const notes = (event: SessionEvent): string[] =>
    step(side.state, event, side.now).actions.flatMap((action) =>
      action.kind === "note" ? [action.note.what] : [],
    );
  assert.deepEqual(notes(updates(80)), []);
  assert.deepEqual(notes(updates(81)), ["near-limit"]);
  side.take(updates(81));
  assert.deepEqual(notes(updates(100)), [], "told once");
  const { actions } = step(side.state, updates(100, 51), side.now);
  const farewell =
    actions.flatMap((action) => (action.kind === "send" ? [action.message] : []))[0] ?? assert.fail();
  assert.deepEqual([...farewell.subarray(19)], [6, 1, 0, 2, 1, 0, 0, 0, 50], "family and limit go with it");
  assert.deepEqual(side.take(updates(100, 51)), [
    "send notification 6/1 on 1",
    "close 1",
    "sweep all 4",
    "sweep all 6",
  ]);
  assert.deepEqual(side.take({ kind: "connected", link: 2, direction: "in" }), [
    "send notification 6/5 on 2",
    "close 2",
  ]);
  side.wait(899_999);
  assert.equal(side.name, "Idle");
  side.wait(1);
  assert.equal(side.name, "Active");
});

test("[BG50] each error is followed by a longer rest, a steady session by the shortest again", () => {
  const side = new Side({ idleHoldMs: 1000, idleHoldMostMs: 8000, steadyMs: 600_000 });
  const broken: SessionEvent = {
    kind: "broken",
    link: 1,
    error: { code: 3, subcode: 1, data: new Uint8Array(0), because: "x" },
  };
  const rests: number[] = [];
  for (let i = 0; i < 5; i++) {
    side.establish();
    assert.ok(side.take(broken).includes("send notification 3/1 on 1"));
    rests.push((side.state.restDue ?? 0) - side.now);
    side.wait(10_000);
  }
  assert.deepEqual(rests, [1000, 2000, 4000, 8000, 8000]);
  side.establish({ ...peerOpen, holdSeconds: 0 });
  side.wait(600_000);
  side.take(broken);
  assert.equal((side.state.restDue ?? 0) - side.now, 1000);
});

test("[BG51] a NOTIFICATION ends the session without an answer, and its routes at once", () => {
  const side = new Side().establish();
  const notification = { code: 6, subcode: 4, data: new Uint8Array(0), sentence: "back soon" };
  assert.deepEqual(side.take({ kind: "notification", link: 1, notification }), [
    "close 1",
    "sweep all 4",
    "sweep all 6",
  ]);
  assert.equal(side.name, "Active", "after a Cease the neighbour may come again");
  side.establish();
  side.take({ kind: "notification", link: 1, notification: { ...notification, code: 3, subcode: 1 } });
  assert.equal(side.name, "Idle", "after an error it has to wait");
});

test("[BG51] a session that is stopped says so in the operator's words, and stays stopped", () => {
  const side = new Side().establish();
  const { actions } = step(side.state, { kind: "stop", subcode: 2, sentence: "moved" }, 0);
  const [farewell] = actions.flatMap((action) => (action.kind === "send" ? [action.message] : []));
  assert.equal(Buffer.from(farewell?.subarray(22) ?? []).toString(), "moved");
  side.take({ kind: "stop", subcode: 2, sentence: "moved" });
  assert.equal(side.name, "Idle");
  assert.equal(nextDue(side.state), undefined);
  assert.deepEqual(side.take({ kind: "connected", link: 2, direction: "in" }), [
    "send notification 6/5 on 2",
    "close 2",
  ]);
});

test("[BG52] routes of a lost neighbour count until it has said all again, or its time is over", () => {
  const side = new Side({ staleMs: 120_000 }).establish();
  assert.deepEqual(side.take(lost), ["close 1", "stale 4", "stale 6"]);
  assert.deepEqual(side.wait(119_999), []);
  assert.deepEqual(side.wait(1), ["sweep stale 4", "sweep stale 6"]);

  const back = new Side({ staleMs: 120_000 }).establish();
  back.take(lost);
  back.wait(60_000);
  back.establish();
  assert.deepEqual(back.take(endOfRib(4)), ["complete 4", "sweep stale 4"]);
  assert.deepEqual(back.take(endOfRib(4)), ["complete 4"], "a second one finds nothing");
  const later: string[] = [];
  for (let i = 0; i < 4; i++) {
    later.push(...back.wait(30_000).filter((word) => word.startsWith("sweep")));
    back.take({ kind: "keepalive", link: 1 });
  }
  assert.deepEqual(later, ["sweep stale 6"], "no End-of-RIB came for it");
});

test("[BG52] a neighbour that announced its restart has the time it asked for, and forwarding it did not keep ends it", () => {
  const side = new Side().establish(restarting(true));
  side.take(lost);
  assert.deepEqual(side.wait(59_999), []);
  assert.deepEqual(side.wait(1), ["sweep stale 4", "sweep stale 6"]);

  const kept = new Side().establish(restarting(true));
  kept.take(lost);
  kept.take(
    { kind: "connected", link: 2, direction: "in" },
    { kind: "open", link: 2, open: restarting(true) },
  );
  assert.deepEqual(kept.take({ kind: "keepalive", link: 2 }), [
    "established 2",
    "send update on 2",
    "send update on 2",
  ]);
  assert.deepEqual(kept.take(endOfRib(6, 2)), ["complete 6", "sweep stale 6"]);

  const dropped = new Side().establish(restarting(true));
  dropped.take(lost);
  dropped.take(
    { kind: "connected", link: 2, direction: "in" },
    { kind: "open", link: 2, open: restarting(false) },
  );
  const done = dropped.take({ kind: "keepalive", link: 2 });
  assert.deepEqual(done.slice(0, 3), ["established 2", "sweep stale 4", "sweep stale 6"]);
});

test("[BG52] a restart that is seen first as a new connection, and a second loss before all was said again", () => {
  const side = new Side().establish(restarting(true));
  assert.deepEqual(side.take({ kind: "connected", link: 2, direction: "in" }), [
    "close 1",
    "stale 4",
    "stale 6",
    "send open on 2",
  ]);
  side.take({ kind: "open", link: 2, open: restarting(true) }, { kind: "keepalive", link: 2 });
  assert.deepEqual(side.take({ kind: "closed", link: 2, because: "" }), [
    "close 2",
    "sweep stale 4",
    "stale 4",
    "sweep stale 6",
    "stale 6",
  ]);
});

test("[BG53] between begin and end of a refresh what is not said again goes, and a refresh that hangs ends", () => {
  const side = new Side().establish();
  const refresh = (what: "request" | "begin" | "end"): SessionEvent => ({
    kind: "refresh",
    link: 1,
    family: 4,
    what,
  });
  assert.deepEqual(side.take({ kind: "ask-again" }), ["send refresh on 1", "send refresh on 1"]);
  assert.deepEqual(side.take(refresh("begin")), ["stale 4"]);
  assert.deepEqual(side.take(endOfRib(4)), ["complete 4"], "the refresh goes on");
  assert.deepEqual(side.take(refresh("end")), ["sweep stale 4"]);
  assert.deepEqual(side.take(refresh("end")), []);
  assert.deepEqual(
    side.take(refresh("request")),
    ["send refresh on 1", "send refresh on 1"],
    "nothing, with begin and end",
  );
  side.take(refresh("begin"));
  side.wait(80_000);
  side.take({ kind: "keepalive", link: 1 });
  assert.ok(side.wait(40_000).includes("sweep stale 4"));
  const plain = new Side().establish({ ...peerOpen, capabilities: { ...noCapabilities, families: [4] } });
  assert.deepEqual(plain.take(refresh("begin")), [], "not agreed on");
  assert.deepEqual(plain.take({ kind: "ask-again" }), []);
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
        { kind: "updates", link, counts: { 4: 3, 6: 0 } },
        { kind: "updates", link, counts: { 4: 1e9, 6: 0 } },
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
