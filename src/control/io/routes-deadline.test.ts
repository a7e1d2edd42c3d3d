// A caller who waits no longer, by the time it said or by its connection: what hears of it, and what goes on all the same.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { film, openScreenRig, type ScreenRig } from "#test/fixtures/screen-rig.ts";
import type { Client, Said } from "#test/journeys/control-client.ts";
import { deadlineHeader } from "#wire/deadline.ts";
import type { PlayAnswer } from "#wire/viewer.ts";

const within = (seconds: number): Record<string, string> => ({ [deadlineHeader]: `${seconds}` });
/** A busy machine may need the first of them for the way to the stage. */
const patience = [0.05, 0.5, 5];

interface Stage {
  /** What the caller asks. */
  readonly path: string;
  readonly body?: Record<string, unknown>;
  readonly who: Client;
  /** Has one call of the stores hang, until the signal that it was given is aborted. */
  hang(signalled: (signal: AbortSignal | undefined) => Promise<never>): void;
}

interface Stages {
  readonly rig: ScreenRig;
  readonly ada: Client;
  readonly bob: Client;
  /** Ada's, on the account's only screen. */
  readonly play: PlayAnswer;
}

async function openStages(t: TestContext): Promise<Stages> {
  const rig = await openScreenRig(t);
  const account = await rig.account("ada@example.org", { screens: 1 });
  const [ada, bob] = [await rig.device(account), await rig.device(account)];
  return { rig, ada, bob, play: await ada.play(film) };
}

const beatOf = (play: PlayAnswer, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  ...{ sessionToken: play.sessionToken, generation: play.lease.generation, seq: 1 },
  ...more,
});

const licenceOf = (who: Client, play: PlayAnswer): Pick<Stage, "who" | "path" | "body"> => ({
  ...{ who, path: `/v1/licence/clearkey?token=${play.sessionToken}` },
  body: { kids: ["AAAAAAAAAAAAAAAAAAAAAA"], type: "temporary" },
});

/** By the name of what hangs. */
const stages: Readonly<Record<string, (t: TestContext, on: Stages) => Stage>> = {
  "the session that a play goes on with": (t, { rig, ada, play }) => ({
    ...{ who: ada, path: "/v1/play", body: { titleId: film, sessionId: play.sessionId } },
    hang: (signalled) =>
      t.mock.method(rig.stores.playback, "session", (_: string, signal?: AbortSignal) => signalled(signal)),
  }),
  "a play's grant": (t, { rig, bob }) => ({
    ...{ who: bob, path: "/v1/play", body: { titleId: film } },
    hang: (signalled) =>
      t.mock.method(rig.stores.leases, "acquire", (order: { signal?: AbortSignal }) =>
        signalled(order.signal),
      ),
  }),
  "the renewal of a play that goes on": (t, { rig, ada, play }) => ({
    ...{ who: ada, path: "/v1/play", body: { titleId: film, sessionId: play.sessionId } },
    hang: (signalled) =>
      t.mock.method(rig.stores.leases, "renew", (order: { signal?: AbortSignal }) => signalled(order.signal)),
  }),
  "the resume mark of a play that goes on": (t, { rig, ada, play }) => ({
    ...{ who: ada, path: "/v1/play", body: { titleId: film, sessionId: play.sessionId } },
    hang: (signalled) =>
      t.mock.method(rig.stores.history, "get", (_of: object, signal?: AbortSignal) => signalled(signal)),
  }),
  "the devices that hold the screens": (t, { rig, bob }) => ({
    ...{ who: bob, path: "/v1/play", body: { titleId: film } },
    hang: (signalled) =>
      t.mock.method(rig.stores.devices, "list", (_a: string, _n: number, signal?: AbortSignal) =>
        signalled(signal),
      ),
  }),
  "the profiles that hold the screens": (t, { rig, bob }) => ({
    ...{ who: bob, path: "/v1/play", body: { titleId: film } },
    hang: (signalled) =>
      t.mock.method(rig.stores.profiles, "list", (_: string, signal?: AbortSignal) => signalled(signal)),
  }),
  "the resume mark of a look ahead": (t, { rig, bob }) => ({
    ...{ who: bob, path: "/v1/prefetch", body: { titleId: film } },
    hang: (signalled) =>
      t.mock.method(rig.stores.history, "get", (_of: object, signal?: AbortSignal) => signalled(signal)),
  }),
  "a beat's renewal": (t, { rig, ada, play }) => ({
    ...{ who: ada, path: play.beatUrl, body: beatOf(play) },
    hang: (signalled) =>
      t.mock.method(rig.stores.leases, "renew", (order: { signal?: AbortSignal }) => signalled(order.signal)),
  }),
  "the account of a licence": (t, { rig, ada, play }) => ({
    ...licenceOf(ada, play),
    hang: (signalled) =>
      t.mock.method(rig.stores.accounts, "byId", (_: string, signal?: AbortSignal) => signalled(signal)),
  }),
  "the keys of a licence": (t, { rig, ada, play }) => ({
    ...licenceOf(ada, play),
    hang: (signalled) =>
      t.mock.method(rig.stores.contentKeys, "ofTitle", (_: string, signal?: AbortSignal) =>
        signalled(signal),
      ),
  }),
  "the lease of a licence": (t, { rig, ada, play }) => ({
    ...licenceOf(ada, play),
    hang: (signalled) =>
      t.mock.method(rig.stores.leases, "live", (_o: object, _g: number, signal?: AbortSignal) =>
        signalled(signal),
      ),
  }),
  "the screens in use": (t, { rig, bob }) => ({
    ...{ who: bob, path: "/v1/screens" },
    hang: (signalled) =>
      t.mock.method(rig.stores.leases, "list", (_a: string, _g: number, signal?: AbortSignal) =>
        signalled(signal),
      ),
  }),
};

/** The call of a stage, when it begins and why it ends. */
function hung({ hang }: Stage): {
  readonly begun: Promise<void>;
  hasBegun(): boolean;
  readonly ended: Promise<string>;
} {
  const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<string>()];
  let hasBegun = false;
  hang((signal) => {
    assert.ok(signal !== undefined, "it was given no signal");
    hasBegun = true;
    begun.resolve();
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        ended.resolve(String(Object(signal.reason).code));
        reject(signal.reason);
      });
    });
  });
  return { begun: begun.promise, hasBegun: () => hasBegun, ended: ended.promise };
}

function ask(rig: ScreenRig, { who, path, body }: Stage, more: RequestInit): Promise<Response> {
  const method = body === undefined ? "GET" : "POST";
  const headers = { cookie: who.cookie(), "content-type": "application/json", ...Object(more.headers) };
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  return fetch(`${rig.control.url}${path}`, { method, ...more, ...text, headers });
}

async function askUntilBegun(rig: ScreenRig, stage: Stage, hasBegun: () => boolean): Promise<Response> {
  for (const seconds of patience) {
    const said = await ask(rig, stage, { headers: within(seconds) });
    if (hasBegun()) return said;
  }
  return assert.fail("no time was long enough to come to the stage");
}

for (const [name, stageOf] of Object.entries(stages)) {
  test(`[CO290] [CO291] the caller's time ends ${name}`, async (t) => {
    const on = await openStages(t);
    const stage = stageOf(t, on);
    const call = hung(stage);
    const said = await askUntilBegun(on.rig, stage, call.hasBegun);
    assert.deepEqual([said.status, Object(await said.json()).error.code], [503, "stores-slow"]);
    assert.ok(Number(said.headers.get("retry-after")) > 0);
    assert.equal(await call.ended, "stores-slow");
  });

  test(`[CO291] a caller that closes its connection ends ${name}`, async (t) => {
    const on = await openStages(t);
    const stage = stageOf(t, on);
    const { begun, ended } = hung(stage);
    const leaving = new AbortController();
    const asked = ask(on.rig, stage, { signal: leaving.signal });
    await Promise.race([begun, asked]);
    leaving.abort();
    await assert.rejects(asked);
    assert.equal(await ended, "caller-gone");
  });
}

test("[CO290] what is no time is refused, on every path that takes one, and a long one changes nothing", async (t) => {
  const { rig, ada, play } = await openStages(t);
  const paths = ["/v1/prefetch", play.beatUrl, play.releaseUrl, "/v1/play"];
  const bodies = [{ titleId: film }, beatOf(play), beatOf(play), { titleId: film }];
  for (const [place, path] of paths.entries()) {
    for (const value of ["0", "-1", "soon", "0.0001", "1e9"]) {
      const said = await ada.post(path, bodies[place], { [deadlineHeader]: value });
      assert.deepEqual([said.status, said.code], [400, "bad-request"], `${path} ${value}`);
      assert.match(JSON.stringify(said.body), /request-timeout: wanted seconds above 0/);
    }
  }
  assert.equal((await ada.post(play.beatUrl, beatOf(play))).status, 200, "nothing was released");
  for (const [place, path] of paths.entries()) {
    const said = await ada.post(path, bodies[place], { [deadlineHeader]: "999999999999" });
    assert.ok(said.status < 300, `${path}: ${said.status}`);
  }
  assert.deepEqual(rig.denials(), []);
});

test("[CO291] a screen that is granted while its caller leaves is given back", async (t) => {
  const rig = await openScreenRig(t);
  const account = await rig.account("ada@example.org", { screens: 1 });
  const [ada, bob] = [await rig.device(account), await rig.device(account)];
  const leaving = new AbortController();
  const heard = Promise.withResolvers<void>();
  const { leases } = rig.stores;
  const acquireNow = leases.acquire;
  const granting = t.mock.method(leases, "acquire", async (order: Parameters<typeof acquireNow>[0]) => {
    const { signal, ...kept } = order;
    const answer = await acquireNow(kept);
    assert.equal(answer.kind, "granted");
    const gone = new Promise((resolve) => signal?.addEventListener("abort", resolve));
    leaving.abort();
    await gone;
    heard.resolve();
    return answer;
  });
  const stage = { who: ada, path: "/v1/play", body: { titleId: film }, hang: () => undefined };
  await assert.rejects(ask(rig, stage, { signal: leaving.signal }));
  await heard.promise;
  granting.mock.restore();
  assert.equal((await bob.post("/v1/play", { titleId: film })).status, 200, "the one screen is free");
});

/** The last word hangs until it is let go on. */
function slowRelease(t: TestContext, { leases }: ScreenRig["stores"]): { begun: Promise<void>; end(): void } {
  const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const releaseNow = leases.release;
  t.mock.method(leases, "release", async (key: Parameters<typeof releaseNow>[0]) => {
    begun.resolve();
    await gate.promise;
    return releaseNow(key);
  });
  return { begun: begun.promise, end: gate.resolve };
}

test("[CO292] the last word is carried out, though its caller is told 503 or has left", async (t) => {
  const { rig, ada, bob, play } = await openStages(t);
  const late = slowRelease(t, rig.stores);
  const said = await ada.post(play.releaseUrl, beatOf(play), within(1));
  assert.deepEqual([said.status, said.code], [503, "stores-slow"]);
  late.end();
  for (let n = 0; n < 50; n++) await turn();
  const next = await bob.play(film);

  const again = slowRelease(t, rig.stores);
  const leaving = new AbortController();
  const stage = { who: bob, path: next.releaseUrl, body: beatOf(next), hang: () => undefined };
  const asked = ask(rig, stage, { signal: leaving.signal });
  await Promise.race([again.begun, asked]);
  leaving.abort();
  await assert.rejects(asked);
  again.end();
  for (let n = 0; n < 50; n++) await turn();
  await ada.play(film);
});

test("[CO292] the beacons of a beat are kept, whoever waits for its answer", async (t) => {
  const { rig, ada, play } = await openStages(t);
  hung(stages["a beat's renewal"]?.(t, { rig, ada, bob: ada, play }) ?? assert.fail());
  const events = [ada.beacon(play, 1)];
  const said: Said = await ada.post(play.beatUrl, beatOf(play, { events }), within(1));
  assert.deepEqual([said.status, said.body], [200, { seq: 1, durable: true }]);
  assert.equal(rig.beacons(), 1);
});
