// Screens over the API: who gets one, what is signed on the strength of it, and what ends with it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { dataFaults } from "#data/faults.ts";
import { beganMs, film, openScreenRig, type ScreenRig } from "#test/fixtures/screen-rig.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { film as aWork } from "#test/fixtures/small-works.ts";
import type { Client, Said } from "#test/journeys/control-client.ts";
import { Fault } from "#units/fault.ts";
import { beatAnswer, conflictBody, prefetchAnswer, screensAnswer } from "#wire/screens.ts";
import { type PlayAnswer, playAnswer } from "#wire/viewer.ts";

const [ttlMs, graceMs] = [45_000, 15_000];
const away = new Fault(dataFaults.databaseUnreachable, { address: "nowhere", reason: "gone" });

const askPlay = (who: Client, more: Record<string, unknown> = {}): Promise<Said> =>
  who.post("/v1/play", { titleId: film, ...more });

function beatOf(play: PlayAnswer, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { sessionToken: play.sessionToken, generation: play.lease.generation, seq: 1, ...more };
}

/** A television: no cookie. */
async function beat(rig: ScreenRig, play: PlayAnswer, more: Record<string, unknown> = {}): Promise<Said> {
  const response = await fetch(`${rig.control.url}${play.beatUrl}`, {
    method: "POST",
    headers: { "content-type": "text/plain;charset=UTF-8" },
    body: JSON.stringify(beatOf(play, more)),
  });
  const body: unknown = await response.json();
  const code = String(Object(Object(body).error).code ?? "");
  return { status: response.status, headers: response.headers, body, code };
}

/** The one moment that all signed folders in it end at. */
function endOf(text: unknown): number {
  const ends = new Set([...JSON.stringify(text).matchAll(/\/t\/(\d{10})\//g)].map(([, end]) => Number(end)));
  assert.equal(ends.size, 1, [...ends].join(" "));
  return Math.max(...ends) * 1000;
}

test("[CO160] a play holds a screen, and everything it signs ends with the lease and its grace", async (t) => {
  const rig = await openScreenRig(t);
  const ada = await rig.device(await rig.account("ada@example.org"));
  const play = await ada.play(film);
  const { steered, ...ours } = play;
  assert.equal(endOf(ours), beganMs + ttlMs + graceMs);
  assert.equal(play.expiresAtMs, beganMs + ttlMs + graceMs);
  assert.ok(play.manifests[0]?.dash.includes(play.prefix));
  assert.equal(play.lease.ttlMs, ttlMs);
  assert.ok(
    play.lease.renewAfterMs >= 8000 && play.lease.renewAfterMs <= 12_000,
    `${play.lease.renewAfterMs}`,
  );
  assert.equal(play.sessionEndsAtMs, beganMs + 4 * 3_600_000);
  assert.equal(play.beatUrl, `/v1/play/${play.sessionId}/beat`);
  assert.equal(play.licence, undefined);
  rig.pass(10_000);
  const said = beatAnswer.parse((await beat(rig, play)).body);
  assert.equal(endOf(said), beganMs + 10_000 + ttlMs + graceMs);
  assert.deepEqual([said.seq, said.durable, said.screen?.lease.ttlMs], [1, true, ttlMs]);
});

test("[CO161] with no screen free a play is told who holds them, and gets nothing that is signed", async (t) => {
  const rig = await openScreenRig(t);
  const account = await rig.account("ada@example.org", { screens: 1 });
  const [first, second] = [await rig.device(account), await rig.device(account)];
  const held = await first.play(film);
  const full = await askPlay(second);
  assert.deepEqual([full.status, full.code], [409, "screens-full"]);
  assert.deepEqual(screensAnswer.parse(full.body), {
    screens: 1,
    held: [
      {
        ...{ sessionId: held.sessionId, own: false, deviceName: "Unknown device", profileName: "Ada" },
        ...{ titleId: film, titleName: `Film ${film}`, sinceMs: beganMs },
      },
    ],
  });
  assert.doesNotMatch(JSON.stringify(full.body), /\/t\/|device-/);
  rig.pass(ttlMs + graceMs - 1);
  assert.equal((await askPlay(second)).status, 409, "until the grace is over");
  rig.pass(1);
  assert.equal((await askPlay(second)).status, 200);
  assert.equal((await beat(rig, held)).code, "screen-lost");
});

test("[CO175] a child's profile is told that something plays, and where, but of no film that is too old for it", async (t) => {
  const rig = await openScreenRig(t);
  await rig.control.publishTitle(smallTitle("cartoon"));
  const id = await rig.account("ada@example.org", { screens: 2 });
  await rig.stores.register.setRole(id, "operator");
  const [ada, den, child] = [await rig.device(id), await rig.device(id), await rig.device(id)];
  const works = [aWork(film, { age: 16 }), aWork("cartoon", { age: 6 })].map(
    ({ artwork: _, ...work }) => work,
  );
  const imported = await ada.post("/v1/ops/catalog/import", { works });
  assert.equal(Object(imported.body).kind, "imported", JSON.stringify(imported.body));
  const made = await ada.post("/v1/profiles", { name: "Ben", maturity: 7 });
  assert.equal((await child.post(`/v1/profiles/${Object(made.body).id}/use`, {})).status, 204);
  await ada.play(film);
  await den.play("cartoon");
  const plain = { own: false, deviceName: "Unknown device", profileName: "Ada", sinceMs: beganMs };
  const full = await askPlay(child, { titleId: "cartoon" });
  assert.equal(full.code, "screens-full");
  for (const said of [full, await child.get("/v1/screens")]) {
    assert.deepEqual(
      screensAnswer.parse(said.body).held.map(({ sessionId: _, ...card }) => card),
      [
        { ...plain, titleName: "Another film" },
        { ...plain, titleId: "cartoon", titleName: "Film cartoon" },
      ],
    );
    assert.doesNotMatch(JSON.stringify(said.body), new RegExp(film));
  }
  const seen = screensAnswer.parse((await ada.get("/v1/screens")).body).held;
  assert.deepEqual(seen.map(({ titleId }) => titleId).toSorted(), ["cartoon", film]);
});

test("[CO161] [CO174] an account that bought nothing is told 402, a suspended one 403", async (t) => {
  const rig = await openScreenRig(t);
  for (const [standing, status, code] of [
    ["none", 402, "not-subscribed"],
    ["suspended", 403, "account-suspended"],
  ] as const) {
    const who = await rig.device(await rig.account(`${standing}@example.org`, { standing }));
    for (const path of ["/v1/play", "/v1/prefetch"]) {
      const said = await who.post(path, { titleId: film });
      assert.deepEqual([said.status, said.code], [status, code], path);
    }
  }
});

test("[CO162] a device that plays something else gives its screen up first: a page loaded again meets no limit", async (t) => {
  const rig = await openScreenRig(t);
  await rig.control.publishTitle(smallTitle("film-2"));
  const account = await rig.account("ada@example.org", { screens: 1 });
  const ada = await rig.device(account);
  const before = await ada.play(film);
  const again = await ada.play(film);
  const other = await ada.play("film-2");
  assert.equal(new Set([before, again, other].map(({ sessionId }) => sessionId)).size, 3);
  assert.equal((await beat(rig, again)).code, "screen-lost");
  assert.equal((await beat(rig, other)).status, 200);
  assert.deepEqual(rig.denials(), [], "paths of seconds need no denial");
});

test("[CO162] plays that one device begins at the same time meet no limit either: the last has the screen", async (t) => {
  const rig = await openScreenRig(t);
  const ada = await rig.device(await rig.account("ada@example.org", { screens: 1 }));
  const plays = await Promise.all([ada.play(film), ada.play(film)]);
  const beats = await Promise.all(plays.map((play) => beat(rig, play)));
  assert.deepEqual(beats.map(({ status }) => status).toSorted(), [200, 409]);
});

test("[CO288] a play and a beat say what their schemas know, and nothing else", async (t) => {
  const rig = await openScreenRig(t);
  const ada = await rig.device(await rig.account("ada@example.org", { screens: 1 }));
  const begun = await askPlay(ada);
  const play = playAnswer.parse(begun.body);
  assert.deepEqual(begun.body, play);
  const goneOn = await askPlay(ada, { sessionId: play.sessionId });
  assert.deepEqual(goneOn.body, playAnswer.parse(goneOn.body));
  const said = await beat(rig, play, { events: [ada.beacon(play, 1)] });
  assert.deepEqual(said.body, beatAnswer.parse(said.body));
  const bob = await rig.device(await rig.account("bob@example.org", { screens: 0 }));
  const full = await askPlay(bob);
  assert.equal(full.status, 409);
  assert.deepEqual(full.body, conflictBody.parse(full.body));
});

test("[CO163] a beat is proved by its token alone and asks for no account; a foreign or altered one keeps and renews nothing", async (t) => {
  const rig = await openScreenRig(t);
  const account = await rig.account("ada@example.org");
  const [ada, bob] = [await rig.device(account), await rig.device(account)];
  const [mine, other] = [await ada.play(film), await bob.play(film)];
  const { accounts } = rig.stores;
  for (const ask of ["byId", "byEmail"] as const) {
    t.mock.method(accounts, ask, () => assert.fail(`${ask} was asked`));
  }
  t.mock.method(rig.stores.devices, "viewer", () => assert.fail("the device was asked for"));
  const events = [ada.beacon(mine, 1), ada.beacon(mine, 2)];
  assert.equal((await beat(rig, mine, { events })).status, 200);
  assert.equal(rig.beacons(), 2);
  rig.pass(20_000);
  const wrong = [
    beat(rig, mine, { events: [ada.beacon(mine, 3), ada.beacon(other, 1)] }),
    beat(rig, mine, { sessionToken: other.sessionToken }),
    beat(rig, mine, { sessionToken: mine.sessionToken.replace(film, "film-2") }),
    beat(rig, { ...mine, beatUrl: other.beatUrl }),
  ];
  for (const said of await Promise.all(wrong))
    assert.deepEqual([said.status, said.code], [403, "foreign-session"]);
  assert.equal((await beat(rig, mine, { generation: mine.lease.generation + 7 })).code, "screen-lost");
  assert.equal(rig.beacons(), 2);
  rig.pass(ttlMs + graceMs - 20_000);
  assert.equal((await beat(rig, mine)).code, "screen-lost", "nothing of that had renewed it");
});

test("[CO164] a lost screen stays lost, and the beacons of its last beat are kept all the same", async (t) => {
  const rig = await openScreenRig(t);
  const ada = await rig.device(await rig.account("ada@example.org"));
  const play = await ada.play(film);
  rig.pass(ttlMs + graceMs);
  const said = await beat(rig, play, { events: [ada.beacon(play, 1)] });
  assert.deepEqual([said.status, said.code], [409, "screen-lost"]);
  assert.equal(rig.beacons(), 1);
  assert.equal((await beat(rig, play)).code, "screen-lost");
  const going = await askPlay(ada, { sessionId: play.sessionId });
  assert.deepEqual([going.status, going.code], [409, "screen-lost"]);
  assert.notEqual((await ada.play(film)).sessionId, play.sessionId);
});

test("[CO165] a database that is away costs a beat no beacon, and a log that is broken costs it no screen", async (t) => {
  let broken = false;
  const rig = await openScreenRig(t, {}, (log) => ({
    ...log,
    append: (values) => (broken ? Promise.reject(new Fault(dataFaults.logClosed)) : log.append(values)),
  }));
  const ada = await rig.device(await rig.account("ada@example.org"));
  const play = await ada.play(film);
  rig.stores.away = away;
  const dark = await beat(rig, play, { events: [ada.beacon(play, 1)] });
  assert.deepEqual([dark.status, dark.body], [200, { seq: 1, durable: true }]);
  assert.equal(rig.beacons(), 1);
  const bare = await beat(rig, play);
  assert.deepEqual([bare.status, bare.code], [503, "database-unreachable"]);
  assert.ok(Number(bare.headers.get("retry-after")) > 0);
  rig.stores.away = undefined;
  broken = true;
  const unkept = beatAnswer.parse((await beat(rig, play, { events: [ada.beacon(play, 2)] })).body);
  assert.equal(unkept.durable, false);
  assert.equal(unkept.screen?.lease.ttlMs, ttlMs);
});

test("[CO166] no screen is given while the database is away, or slow; what it grants too late is given back", async (t) => {
  const rig = await openScreenRig(t, { playBudgetMs: 200 });
  const account = await rig.account("ada@example.org", { screens: 1 });
  const [ada, bob] = [await rig.device(account), await rig.device(account)];
  const { leases } = rig.stores;
  const acquire = t.mock.method(leases, "acquire");
  acquire.mock.mockImplementation(() => Promise.reject(away));
  const dark = await askPlay(ada);
  assert.deepEqual([dark.status, dark.code], [503, "database-unreachable"]);
  assert.ok(Number(dark.headers.get("retry-after")) > 0);
  assert.equal(acquire.mock.callCount(), 2, "what can be repeated is tried once more");
  acquire.mock.restore();

  const late = Promise.withResolvers<void>();
  const acquireNow = leases.acquire;
  t.mock.method(leases, "acquire", async (order: Parameters<typeof acquireNow>[0]) => {
    await late.promise;
    return acquireNow(order);
  });
  const slow = await askPlay(ada);
  assert.deepEqual([slow.status, slow.code], [503, "stores-slow"]);
  late.resolve();
  for (let n = 0; n < 50; n++) await turn();
  assert.equal((await askPlay(bob)).status, 200, "the one screen is free");
});

test("[CO167] release frees the screen at once, keeps the beacons, and said twice it is the same", async (t) => {
  const rig = await openScreenRig(t);
  const account = await rig.account("ada@example.org", { screens: 1 });
  const [ada, bob] = [await rig.device(account), await rig.device(account)];
  const play = await ada.play(film);
  const { sessionToken, lease } = play;
  const word = { sessionToken, generation: lease.generation, events: [ada.beacon(play, 1)] };
  const asText = { "content-type": "text/plain;charset=UTF-8" };
  for (let n = 0; n < 2; n++) {
    assert.equal((await ada.post(play.releaseUrl, JSON.stringify(word), asText)).status, 204);
  }
  assert.equal(rig.beacons(), 2);
  const bobs = await bob.play(film);
  assert.equal((await ada.post(play.releaseUrl, word)).status, 204);
  assert.equal((await beat(rig, bobs)).status, 200, "an old word frees nobody else's");
  const forged = { ...word, sessionToken: bobs.sessionToken };
  assert.equal((await ada.post(play.releaseUrl, forged)).code, "foreign-session");
});

test("[CO168] a viewer sees the account's screens and stops one: its next beat is lost, and appliances refuse it", async (t) => {
  const rig = await openScreenRig(t);
  const account = await rig.account("ada@example.org", { screens: 2 });
  const stranger = await rig.device(await rig.account("eve@example.org"));
  const [ada, bob] = [await rig.device(account), await rig.device(account)];
  const [mine, other] = [await ada.play(film), await bob.play(film)];
  const seen = screensAnswer.parse((await bob.get("/v1/screens")).body);
  assert.deepEqual([seen.screens, seen.held.map(({ own }) => own)], [2, [false, true]]);
  assert.deepEqual(screensAnswer.parse((await stranger.get("/v1/screens")).body).held, []);
  const stop = async (who: Client, id: string): Promise<Said> => {
    const headers = { "content-type": "application/json", cookie: who.cookie() };
    const response = await fetch(`${rig.control.url}/v1/screens/${id}`, { method: "DELETE", headers });
    const text = await response.text();
    const body: unknown = text === "" ? "" : JSON.parse(text);
    return {
      status: response.status,
      headers: response.headers,
      body,
      code: String(Object(Object(body).error).code),
    };
  };
  const [foreign, none] = [await stop(stranger, mine.sessionId), await stop(stranger, "nobody")];
  assert.deepEqual([foreign.status, foreign.code], [404, "unknown-screen"]);
  assert.deepEqual([none.status, none.code], [404, "unknown-screen"]);
  assert.equal((await beat(rig, mine)).status, 200);
  assert.equal((await stop(bob, mine.sessionId)).status, 204);
  assert.equal((await stop(bob, mine.sessionId)).status, 404);
  const [denial, ...more] = rig.denials();
  assert.deepEqual([denial?.kind, denial?.id, more], ["session", mine.sessionId, []]);
  const lastsMs = (denial?.untilMs ?? 0) - beganMs;
  assert.ok(lastsMs >= ttlMs + graceMs && lastsMs <= ttlMs + graceMs + 60_000, `${lastsMs}`);
  assert.equal((await beat(rig, mine)).code, "screen-lost");
  assert.equal((await beat(rig, other)).status, 200);
  assert.equal((await stop({ ...ada, cookie: () => "" }, other.sessionId)).status, 401);
});

test("[CO169] a look ahead takes no screen, works for seconds, and comes once a minute for a title", async (t) => {
  const rig = await openScreenRig(t);
  await rig.control.publishTitle(smallTitle("film-2"));
  const account = await rig.account("ada@example.org", { screens: 1 });
  const [ada, bob] = [await rig.device(account), await rig.device(account)];
  await bob.play(film);
  const said = await ada.post("/v1/prefetch", { titleId: film });
  const ahead = prefetchAnswer.parse(said.body);
  assert.equal(endOf(ahead), beganMs + 10_000);
  assert.deepEqual(
    Object.keys(Object(said.body)).filter((key) => /token|session|lease|steered/i.test(key)),
    [],
  );
  assert.equal((await bob.post("/v1/prefetch", { titleId: film })).status, 429);
  assert.equal((await ada.post("/v1/prefetch", { titleId: "film-2" })).status, 200);
  assert.equal((await ada.post("/v1/prefetch", { titleId: "gone" })).code, "unknown-title");
});

test("[CO170] rungs above the plan, or above what the device shows, are not listed; nor is any manifest that names them all", async (t) => {
  const rig = await openScreenRig(t);
  const title = smallTitle("tall");
  const [rung] = title.package.renditions;
  assert.ok(rung);
  const tall = {
    ...rung,
    id: "v2160-1",
    height: 2160,
    files: [{ path: "v2160-1/1.m4s", bytes: rung.bytes, sha256: "cd".repeat(32) }],
  };
  const renditions = [...title.package.renditions, tall];
  await rig.control.publishTitle({ ...title, package: { ...title.package, renditions } });
  const rungsOf = (said: Said): readonly string[] => Object.keys(playAnswer.parse(said.body).sources).sort();
  const small = await rig.device(await rig.account("small@example.org", { maxHeight: 1080 }));
  const basic = await small.post("/v1/play", { titleId: "tall" });
  assert.deepEqual(rungsOf(basic), ["audio", "index", "v360-1"]);
  assert.equal(playAnswer.parse(basic.body).steered, undefined);
  const big = await rig.device(await rig.account("big@example.org"));
  const whole = await big.post("/v1/play", { titleId: "tall" });
  assert.deepEqual(rungsOf(whole), ["audio", "index", "v2160-1", "v360-1"]);
  assert.ok(playAnswer.parse(whole.body).steered !== undefined);
  const phone = await big.post("/v1/play", { titleId: "tall", caps: { maxHeight: 240 } });
  assert.deepEqual(rungsOf(phone), ["audio", "index", "v360-1"], "the lowest rung stays");
});

test("[CO111] a lock ends what the account plays: its next beat is told, and appliances refuse its paths", async (t) => {
  const rig = await openScreenRig(t);
  const [hers, his] = [await rig.account("ada@example.org"), await rig.account("root@example.org")];
  await rig.stores.register.setRole(his, "admin");
  const [ada, admin] = [await rig.device(hers), await rig.device(his)];
  const [play, other] = [await ada.play(film), await admin.play(film)];
  assert.equal((await admin.post(`/v1/admin/accounts/${hers}/lock`, {})).status, 204);
  assert.equal((await beat(rig, play)).code, "screen-lost");
  assert.deepEqual(
    rig.denials().map(({ kind, id }) => [kind, id]),
    [["session", play.sessionId]],
  );
  assert.equal((await beat(rig, other)).status, 200, "nobody else's");
});

test("[CO101] a device that is signed out from afar plays no longer, and this one plays on", async (t) => {
  const rig = await openScreenRig(t);
  const id = await rig.account("ada@example.org", { screens: 4 });
  const [here, there, third] = [await rig.device(id), await rig.device(id), await rig.device(id)];
  const [own, other, last] = [await here.play(film), await there.play(film), await third.play(film)];
  const held = screensAnswer.parse((await here.get("/v1/screens")).body).held;
  assert.equal(held.length, 3);
  const devices = [...(await rig.stores.leases.list(id, graceMs))];
  const deviceId = devices.find(({ sessionId }) => sessionId === other.sessionId)?.deviceId ?? "";
  assert.equal((await here.send("DELETE", `/v1/devices/${deviceId}`)).status, 204);
  assert.equal((await beat(rig, other)).code, "screen-lost");
  assert.equal((await beat(rig, last)).status, 200);
  assert.equal((await here.post("/v1/devices/sign-out", { keepThis: true })).status, 204);
  assert.equal((await beat(rig, last)).code, "screen-lost");
  assert.equal((await beat(rig, own)).status, 200);
});
