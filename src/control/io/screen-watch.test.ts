// What ends screens from outside of a play, and players that are not ours: their paths are long, and end on the appliances' deny
// list with their screen.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type TestContext, test } from "node:test";
import { readEntry } from "#control/log-record.ts";
import { mintSteeringToken } from "#control/steering-token.ts";
import { dataFaults } from "#data/faults.ts";
import { type Standing, unsold } from "#model/entitlement.ts";
import { film, openScreenRig, type ScreenRig } from "#test/fixtures/screen-rig.ts";
import { knownPassword } from "#test/fixtures/signed-in.ts";
import { type Client, client, type Said } from "#test/journeys/control-client.ts";
import { eventually } from "#test/journeys/control-plane.ts";
import { Fault } from "#units/fault.ts";
import { devices } from "#wire/account.ts";
import type { PlayAnswer } from "#wire/viewer.ts";
import { openSeal } from "./secrets.ts";

const hourMs = 3_600_000;
const away = new Fault(dataFaults.databaseUnreachable, { address: "nowhere", reason: "gone" });

interface OtherPlay {
  readonly rig: ScreenRig;
  readonly ada: Client;
  readonly play: PlayAnswer;
  /** Asks where to fetch from; answers the status. */
  poll(): Promise<number>;
  deniedUntilMs(): number | undefined;
}

/** A play whose manifest another player fetched. No origin runs here, so the fetch itself comes to nothing. */
async function otherPlay(t: TestContext, more = {}): Promise<OtherPlay> {
  const rig = await openScreenRig(t, more);
  const ada = await rig.device(await rig.account("ada@example.org", { screens: 1 }));
  const play = await ada.play(film);
  assert.equal((await ada.get(play.steered?.dash ?? "")).code, "manifest-unreachable");
  const { sessionId, sessionEndsAtMs: endsAtMs } = play;
  const grant = { sessionId, titleId: film, viewpoint: "", endsAtMs, pathways: ["origin"] };
  const token = mintSteeringToken(openSeal("s".repeat(32)), grant);
  return {
    ...{ rig, ada, play },
    poll: async () => (await ada.get(`/steer/${sessionId}/dash?token=${token}`)).status,
    deniedUntilMs: () => rig.denials().find(({ id }) => id === sessionId)?.untilMs,
  };
}

test("[CO171] a question where to fetch from holds its screen on for 12 minutes; silence ends it, and all its paths", async (t) => {
  const { rig, ada, play, poll, deniedUntilMs } = await otherPlay(t);
  const bob = await rig.device((await rig.stores.accounts.byEmail("ada@example.org"))?.id ?? "");
  for (let n = 0; n < 3; n++) {
    rig.pass(700_000);
    assert.equal(await poll(), 200);
    assert.equal((await bob.post("/v1/play", { titleId: film })).code, "screens-full");
  }
  assert.equal(deniedUntilMs(), undefined);
  rig.pass(720_000 + 15_000);
  await eventually("the session is denied", async () => deniedUntilMs() !== undefined);
  assert.ok((deniedUntilMs() ?? 0) >= play.sessionEndsAtMs);
  assert.equal(await poll(), 410);
  assert.equal((await ada.get(play.steered?.hls ?? "")).code, "denied");
  assert.equal((await bob.post("/v1/play", { titleId: film })).status, 200);
});

test("[CO171] a manifest wants a screen that lives: afterwards none is handed out, and what was is denied", async (t) => {
  const rig = await openScreenRig(t);
  const ada = await rig.device(await rig.account("ada@example.org"));
  const play = await ada.play(film);
  rig.pass(60_000);
  assert.equal((await ada.get(play.steered?.dash ?? "")).code, "screen-lost");
  assert.ok((rig.denials()[0]?.untilMs ?? 0) >= play.sessionEndsAtMs);
  const next = await ada.play(film);
  rig.stores.away = away;
  assert.equal((await ada.get(next.steered?.dash ?? "")).code, "database-unreachable");
});

test("[CO171] released, stopped or replaced, a session with long paths is denied at once until they end", async (t) => {
  const ends: readonly ((one: OtherPlay) => Promise<unknown>)[] = [
    ({ ada, play: { releaseUrl, sessionToken, lease } }) =>
      ada.post(releaseUrl, { sessionToken, generation: lease.generation }),
    ({ rig, ada, play }) =>
      fetch(`${rig.control.url}/v1/screens/${play.sessionId}`, {
        method: "DELETE",
        headers: { "content-type": "application/json", cookie: ada.cookie() },
      }),
    ({ ada }) => ada.play(film),
  ];
  for (const end of ends) {
    const one = await otherPlay(t);
    await end(one);
    assert.ok((one.deniedUntilMs() ?? 0) >= one.play.sessionEndsAtMs);
    assert.equal(await one.poll(), 410);
  }
});

test("[CO392] replaced by a play whose caller leaves, or that failed on the way, a session with long paths is denied", async (t) => {
  const { rig, ada, deniedUntilMs, play } = await otherPlay(t);
  const { leases } = rig.stores;
  const acquireNow = leases.acquire;
  const leaving = new AbortController();
  const granting = t.mock.method(leases, "acquire", async (order: Parameters<typeof acquireNow>[0]) => {
    const { signal, ...kept } = order;
    const answer = await acquireNow(kept);
    const gone = new Promise((resolve) => signal?.addEventListener("abort", resolve));
    leaving.abort();
    await gone;
    return answer;
  });
  const headers = { cookie: ada.cookie(), "content-type": "application/json" };
  const asked = { method: "POST", headers, body: JSON.stringify({ titleId: film }), signal: leaving.signal };
  await assert.rejects(fetch(`${rig.control.url}/v1/play`, asked));
  await eventually("the session is denied", async () => deniedUntilMs() !== undefined);
  assert.ok((deniedUntilMs() ?? 0) >= play.sessionEndsAtMs);
  granting.mock.restore();

  const next = await ada.play(film);
  assert.equal((await ada.get(next.steered?.dash ?? "")).code, "manifest-unreachable");
  const acquire = t.mock.method(leases, "acquire");
  acquire.mock.mockImplementationOnce(async (order: Parameters<typeof acquireNow>[0]) => {
    const { onReplaced: _, ...unheard } = order;
    await acquireNow(unheard);
    throw away;
  });
  await ada.play(film);
  assert.equal(acquire.mock.callCount(), 2);
  await eventually("that one as well", async () => rig.denials().some(({ id }) => id === next.sessionId));
});

test("[CO392] a play that goes on, and is told that it lost its screen, has its long paths denied", async (t) => {
  const { rig, ada, play, deniedUntilMs } = await otherPlay(t);
  const { id = "" } = (await rig.stores.accounts.byEmail("ada@example.org")) ?? {};
  await entitle(rig, id, "suspended");
  const said = await ada.post("/v1/play", { titleId: film, sessionId: play.sessionId });
  assert.equal(said.code, "account-suspended");
  assert.ok((deniedUntilMs() ?? 0) >= play.sessionEndsAtMs);
});

test("[CO393] another start over the same database ends the long paths of a session with its screen", async (t) => {
  const { rig, ada, play } = await otherPlay(t);
  const silent = await ada.play(film);
  assert.equal((await ada.get(silent.steered?.dash ?? "")).code, "manifest-unreachable");
  await rig.control.close();
  const next = await openScreenRig(t, {}, (log) => log, { stores: rig.stores });
  const untilMs = (one: PlayAnswer): number =>
    next.denials().find(({ id }) => id === one.sessionId)?.untilMs ?? 0;
  assert.ok(untilMs(play) >= play.sessionEndsAtMs, "denied before, when it was replaced");
  assert.equal(untilMs(silent), 0, "its screen lives");
  next.pass(720_000 + 15_000);
  await eventually("the session is denied", async () => untilMs(silent) >= silent.sessionEndsAtMs);
});

test("[CO393] a manifest whose paths could not be kept is not handed out, and the next question keeps them", async (t) => {
  const rig = await openScreenRig(t);
  const ada = await rig.device(await rig.account("ada@example.org"));
  const play = await ada.play(film);
  const keep = t.mock.method(rig.stores.playback, "keepLongPaths");
  keep.mock.mockImplementationOnce(() => Promise.reject(away));
  const codes = [];
  for (let n = 0; n < 3; n++) codes.push((await ada.get(play.steered?.dash ?? "")).code);
  assert.deepEqual(codes, ["database-unreachable", "manifest-unreachable", "manifest-unreachable"]);
  assert.equal(keep.mock.callCount(), 2, "once is enough");
  const [kept] = await rig.stores.playback.longPaths(rig.nowMs());
  assert.deepEqual([kept?.sessionId, kept?.pathsEndMs], [play.sessionId, play.sessionEndsAtMs]);
});

test("[CO171] while the database is away steering goes on", async (t) => {
  const { rig, poll, deniedUntilMs } = await otherPlay(t);
  rig.stores.away = away;
  rig.pass(hourMs);
  assert.equal(await poll(), 200);
  rig.stores.away = undefined;
  await eventually("it is looked after again", async () => deniedUntilMs() !== undefined);
});

test("[CO171] more sessions than are looked after get no manifest", async (t) => {
  const { rig, ada, play } = await otherPlay(t, { otherPlayersMost: 1 });
  const bob = await rig.device(await rig.account("bob@example.org"));
  const said = await bob.get((await bob.play(film)).steered?.dash ?? "");
  assert.deepEqual([said.status, said.code], [503, "other-players-full"]);
  assert.equal((await ada.get(play.steered?.dash ?? "")).code, "manifest-unreachable");
});

test("[CO172] an installation that wants the limit strict offers other players nothing", async (t) => {
  const offering = await openScreenRig(t);
  const ada = await offering.device(await offering.account("ada@example.org"));
  const { dash = "" } = (await ada.play(film)).steered ?? {};
  const strict = await openScreenRig(t, { otherPlayers: "none" });
  const bob = await strict.device(await strict.account("bob@example.org"));
  assert.equal((await bob.play(film)).steered, undefined);
  const said = await bob.get(dash);
  assert.deepEqual([said.status, said.code], [403, "other-players-off"]);
});

test("[CO173] settings by which a player would stop between two beats are refused at the start", async (t) => {
  await assert.rejects(
    openScreenRig(t, { leaseTtlMs: 10_000, leaseRenewMs: 9000 }),
    /MILLRACE_LEASE_TTL_MS of 2000 ms and 1\.2 times MILLRACE_LEASE_RENEW_MS at least, found 10000 and 9000/,
  );
});

/** What the control plane says to the play's next beat. */
async function beatSaid(
  { control }: ScreenRig,
  play: PlayAnswer,
  events: readonly unknown[] = [],
): Promise<Said> {
  const { sessionToken, lease, beatUrl } = play;
  return client(control.url).post(beatUrl, { sessionToken, seq: 1, generation: lease.generation, events });
}

/** Its code, or "". */
const beat = async (rig: ScreenRig, play: PlayAnswer): Promise<string> => (await beatSaid(rig, play)).code;

/** As the payments of an account say it, and without a word to whoever remembers it. */
async function entitle({ stores }: ScreenRig, accountId: string, standing: Standing): Promise<void> {
  const decide = () => ({ result: undefined, entitlement: { ...unsold, standing } });
  await stores.billing.change({ of: { accountId }, nowMs: 0, decide });
}

/** Ticks of the stream job left out. */
const beaconsIn = ({ log }: ScreenRig): number =>
  log.records.filter(({ value }) => readEntry(value).kind === "beacon").length;

test("[CO176] who may play no more loses the screen at the next beat, is told why, and has lost it for good", async (t) => {
  const rig = await openScreenRig(t);
  for (const [standing, status, code] of [
    ["none", 402, "not-subscribed"],
    ["suspended", 403, "account-suspended"],
  ] as const) {
    const id = await rig.account(`${standing}@example.org`);
    const [ada, bob] = [await rig.device(id), await rig.device(id)];
    const [play, other] = [await ada.play(film), await bob.play(film)];
    rig.pass(10_000);
    await entitle(rig, id, standing);
    const kept = beaconsIn(rig);
    const said = await beatSaid(rig, play, [ada.beacon(play, 1)]);
    assert.deepEqual([said.status, said.code, beaconsIn(rig) - kept], [status, code, 1]);
    const going = await bob.post("/v1/play", { titleId: film, sessionId: other.sessionId });
    assert.deepEqual([going.status, going.code], [status, code], "though it is remembered as one that may");
    await entitle(rig, id, "good");
    assert.deepEqual([await beat(rig, play), await beat(rig, other)], ["screen-lost", "screen-lost"]);
    assert.equal((await ada.post("/v1/play", { titleId: film })).status, 200);
  }
});

test("[CO176] a lock that ended no screen by itself ends it at the next beat", async (t) => {
  const rig = await openScreenRig(t);
  const id = await rig.account("ada@example.org");
  const play = await (await rig.device(id)).play(film);
  await rig.stores.register.setLocked(id, true);
  assert.equal(await beat(rig, play), "account-suspended");
});

test("[CO176] another player of a suspended account is steered no more, and its paths are denied", async (t) => {
  const { rig, ada, play, poll, deniedUntilMs } = await otherPlay(t);
  const { id = "" } = (await rig.stores.accounts.byEmail("ada@example.org")) ?? {};
  await entitle(rig, id, "suspended");
  assert.equal((await ada.get(play.steered?.dash ?? "")).code, "account-suspended");
  assert.ok((deniedUntilMs() ?? 0) >= play.sessionEndsAtMs);
  assert.equal(await poll(), 410);
});

test("[CO106] a changed password ends what other devices play, at once, and this one plays on", async (t) => {
  const rig = await openScreenRig(t);
  const id = await rig.account("ada@example.org");
  const [here, there] = [await rig.device(id), await rig.device(id)];
  const [own, other] = [await here.play(film), await there.play(film)];
  const change = { password: knownPassword, newPassword: "another one that is long" };
  assert.equal((await here.post("/v1/me/password", { ...change, password: "a guess" })).code, "not-proved");
  assert.equal(await beat(rig, other), "", "a refused change ends nothing");
  assert.equal((await here.post("/v1/me/password", change)).status, 204);
  assert.deepEqual([await beat(rig, own), await beat(rig, other)], ["", "screen-lost"]);
  assert.deepEqual(
    rig.denials().map((denial) => denial.id),
    [other.sessionId],
  );
});

/** Ada's, by a mailed link. */
async function resetPassword(rig: ScreenRig, accountId: string): Promise<number> {
  const token = "t".repeat(40);
  const slip = { kind: "reset", accountId, email: "ada@example.org", facts: {} } as const;
  const hash = createHash("sha256").update(token).digest("hex");
  await rig.stores.slips.add({ ...slip, endsAtMs: rig.nowMs() + hourMs }, hash, rig.nowMs());
  const order = { token, password: "another one that is long" };
  return (await client(rig.control.url).post("/v1/password-reset/confirm", order)).status;
}

test("[CO105] a password that was set by its mailed link ends all that the account plays, and nothing of others", async (t) => {
  const rig = await openScreenRig(t);
  const [hers, his] = [await rig.account("ada@example.org"), await rig.account("bob@example.org")];
  const [ada, bob] = [await rig.device(hers), await rig.device(his)];
  const [play, other] = [await ada.play(film), await bob.play(film)];
  assert.equal(await resetPassword(rig, hers), 204);
  assert.deepEqual([await beat(rig, play), await beat(rig, other)], ["screen-lost", ""]);
});

test("[CO390] a new password or a sign-out from afar ends what other devices play, though the database goes away right after it", async (t) => {
  const password = { password: knownPassword, newPassword: "another one that is long" };
  const news: readonly ((rig: ScreenRig, here: Client, id: string) => Promise<number>)[] = [
    async (_, here) => (await here.post("/v1/me/password", password)).status,
    (rig, _, id) => resetPassword(rig, id),
    async (_, here) => (await here.post("/v1/devices/sign-out", { keepThis: true })).status,
    async (_, here) => {
      const others = devices
        .parse((await here.get("/v1/devices")).body)
        .devices.filter((one) => !one.current);
      return (await here.send("DELETE", `/v1/devices/${others[0]?.id}`)).status;
    },
  ];
  for (const renew of news) {
    const rig = await openScreenRig(t);
    const id = await rig.account("ada@example.org");
    const [here, there] = [await rig.device(id), await rig.device(id)];
    const play = await there.play(film);
    const { leases } = rig.stores;
    const list = t.mock.method(leases, "list", () => Promise.reject(away));
    const evict = t.mock.method(leases, "evict", () => Promise.reject(away));
    assert.equal(await renew(rig, here, id), 204);
    list.mock.restore();
    evict.mock.restore();
    assert.equal(await beat(rig, play), "screen-lost");
    assert.ok(rig.denials().some((denial) => denial.id === play.sessionId));
  }
});
