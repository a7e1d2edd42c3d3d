import assert from "node:assert/strict";
import { test } from "node:test";
import { noCapabilities } from "./capability.ts";
import { endOfRib, lost, peerOpen, restarting, Side, updates } from "./sample-session.ts";
import { step } from "./session.ts";
import { nextDue, type SessionEvent } from "./session-state.ts";

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

test("[BG161] too many octets of attributes end the session with 6/8 and a long rest", () => {
  const side = new Side({ mostAttributeOctets: 1000, maxPrefixHoldMs: 900_000 }).establish();
  assert.deepEqual(side.take({ ...updates(3), attributeOctets: 1000 }), []);
  assert.deepEqual(side.take({ ...updates(3), attributeOctets: 1001 }), [
    "send notification 6/8 on 1",
    "close 1",
    "sweep all 4",
    "sweep all 6",
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
