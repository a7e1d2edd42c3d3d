// Licences over the API: who gets which key, and when nobody does.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type TestContext, test } from "node:test";
import { mintSteeringToken } from "#control/steering-token.ts";
import { dataFaults } from "#data/faults.ts";
import type { KeyLabel } from "#model/content-key.ts";
import { type ProtectedTitle, protectedTitle } from "#test/fixtures/protected-title.ts";
import { film, openScreenRig, type ScreenRig } from "#test/fixtures/screen-rig.ts";
import { knownPasswordHash } from "#test/fixtures/signed-in.ts";
import type { Client } from "#test/journeys/control-client.ts";
import { Fault } from "#units/fault.ts";
import { clearKeyLicence } from "#wire/licence.ts";
import { errorBody, type PlayAnswer } from "#wire/viewer.ts";
import { openSeal } from "./secrets.ts";

const [ttlMs, graceMs] = [45_000, 15_000];
const away = new Fault(dataFaults.databaseUnreachable, { address: "nowhere", reason: "gone" });
const url = (hex: string): string => Buffer.from(hex, "hex").toString("base64url");

interface Said {
  readonly status: number;
  readonly headers: Headers;
  readonly code: string;
  /** Labels of the keys, whatever title they are of. */
  readonly labels: readonly string[];
  readonly text: string;
}

interface LicenceRig {
  readonly rig: ScreenRig;
  readonly shown: ProtectedTitle;
  readonly other: ProtectedTitle;
  ask(token: string, kids: readonly string[], how?: "query" | "bearer"): Promise<Said>;
  all(): readonly string[];
}

async function openLicenceRig(
  t: TestContext,
  more: Parameters<typeof openScreenRig>[1] = {},
): Promise<LicenceRig> {
  const rig = await openScreenRig(t, more);
  const [shown, other] = [protectedTitle("shown"), protectedTitle("other")];
  for (const one of [shown, other]) {
    await rig.control.keepKeys(one.title.id, one.keys);
    await rig.control.publishTitle(one.title);
  }
  const labelOf = (kid: string): string =>
    [shown, other].flatMap(({ title, keys }) =>
      keys.filter((key) => url(key.kid) === kid).map((key) => (title.id === "shown" ? key.label : "other's")),
    )[0] ?? "?";
  return {
    ...{ rig, shown, other },
    all: () => shown.keys.map(({ kid }) => kid),
    async ask(token, kids, how = "bearer") {
      const query = how === "query" ? `?token=${encodeURIComponent(token)}` : "";
      const response = await fetch(`${rig.control.url}/v1/licence/clearkey${query}`, {
        method: "POST",
        headers: how === "bearer" && token !== "" ? { authorization: `Bearer ${token}` } : {},
        body: JSON.stringify({ kids: kids.map(url), type: "temporary" }),
      });
      const text = await response.text();
      const licence = clearKeyLicence.safeParse(JSON.parse(text));
      for (const { kid, k } of licence.data?.keys ?? []) {
        const key = [...shown.keys, ...other.keys].find((one) => url(one.kid) === kid);
        assert.equal(k, url(key?.key ?? ""));
      }
      return {
        ...{ status: response.status, headers: response.headers, text },
        code: errorBody.safeParse(JSON.parse(text)).data?.error.code ?? "",
        labels: (licence.data?.keys ?? []).map(({ kid }) => labelOf(kid)).toSorted(),
      };
    },
  };
}

let viewers = 0;

async function viewer(
  rig: ScreenRig,
  entitlement = {},
): Promise<{ who: Client; play: PlayAnswer; id: string }> {
  const id = await rig.account(`viewer-${++viewers}@example.org`, entitlement);
  const who = await rig.device(id);
  return { who, play: await who.play("shown"), id };
}

test("[CO250] a session with a live screen gets the asked keys of its title, by bearer token or query, under any type", async (t) => {
  const { rig, shown, ask, all } = await openLicenceRig(t);
  const { play } = await viewer(rig);
  assert.deepEqual(play.licence, {
    clearkey: "/v1/licence/clearkey",
    systems: {},
    headers: { authorization: `Bearer ${play.sessionToken}` },
  });
  const said = await ask(play.sessionToken, all());
  assert.deepEqual([said.status, said.labels], [200, ["AUDIO", "HD", "SD"]]);
  assert.equal(said.headers.get("cache-control"), "no-store");
  assert.deepEqual((await ask(play.sessionToken, [shown.kid("SD")], "query")).labels, ["SD"]);
  const wrong = await fetch(`${rig.control.url}/v1/licence/clearkey`, {
    method: "POST",
    headers: { ...play.licence?.headers, "content-type": "application/json" },
    body: JSON.stringify({ kids: all().map(url), type: "persistent-license" }),
  });
  assert.equal(wrong.status, 400);
});

test("[CO251] without a token, with another's or an altered one, or after its end, there is no key", async (t) => {
  const { rig, ask, all } = await openLicenceRig(t);
  const { play } = await viewer(rig);
  const token = play.sessionToken;
  const forged = token.replace(/~shown~/, "~other~");
  const steering = mintSteeringToken(openSeal("x".repeat(32)), {
    ...{
      sessionId: play.sessionId,
      titleId: "shown",
      viewpoint: "",
      endsAtMs: rig.nowMs() + 1e6,
      pathways: [],
    },
  });
  for (const wrong of ["", "x", forged, token.slice(0, -1), steering]) {
    const said = await ask(wrong, all());
    assert.deepEqual([said.status, said.code, said.labels], [403, "foreign-session", []], wrong);
  }
  assert.equal((await ask("", all(), "query")).code, "foreign-session");
  rig.pass(9 * 3_600_000);
  assert.equal((await ask(token, all())).code, "session-over");
});

test("[CO252] when its screen is lost, stopped or given back a session gets no key, and not before", async (t) => {
  const { rig, ask, all } = await openLicenceRig(t);
  const { play, who } = await viewer(rig);
  rig.pass(ttlMs + graceMs - 1);
  assert.equal((await ask(play.sessionToken, all())).status, 200);
  rig.pass(1);
  const lost = await ask(play.sessionToken, all());
  assert.deepEqual([lost.status, lost.code], [409, "screen-lost"]);
  const again = await who.play("shown");
  const stopped = await fetch(`${rig.control.url}/v1/screens/${again.sessionId}`, {
    method: "DELETE",
    headers: { "content-type": "application/json", cookie: who.cookie() },
  });
  assert.equal(stopped.status, 204);
  assert.equal((await ask(again.sessionToken, all())).code, "screen-lost");
  const last = await who.play("shown");
  await who.post(last.releaseUrl, { sessionToken: last.sessionToken, generation: last.lease.generation });
  assert.equal((await ask(last.sessionToken, all())).code, "screen-lost");
});

test("[CO253] keys of other titles, and of tiers above the plan, are left out; when none is left the answer is 403", async (t) => {
  const { rig, shown, other, ask, all } = await openLicenceRig(t);
  const { play } = await viewer(rig);
  const both = await ask(play.sessionToken, [...all(), ...other.keys.map(({ kid }) => kid)]);
  assert.deepEqual(both.labels, ["AUDIO", "HD", "SD"]);
  const foreign = await ask(
    play.sessionToken,
    other.keys.map(({ kid }) => kid),
  );
  assert.deepEqual([foreign.status, foreign.code], [403, "keys-not-granted"]);
  const small = await viewer(rig, { maxHeight: 576 });
  assert.deepEqual((await ask(small.play.sessionToken, all())).labels, ["AUDIO", "SD"]);
  assert.equal((await ask(small.play.sessionToken, [shown.kid("HD")])).code, "keys-not-granted");
  const tiny = await viewer(rig, { maxHeight: 90 });
  assert.deepEqual(
    (await ask(tiny.play.sessionToken, all())).labels,
    ["AUDIO", "SD"],
    "the lowest rung stays",
  );
  const clear = await small.who.play(film);
  assert.equal(clear.licence, undefined);
  assert.equal((await ask(clear.sessionToken, all())).code, "keys-not-granted");
});

test("[CO254] who stopped paying, and what was denied, gets no key at once", async (t) => {
  const { rig, ask, all } = await openLicenceRig(t);
  const { play, id } = await viewer(rig);
  const { byId } = rig.stores.accounts;
  for (const [standing, status, code] of [
    ["suspended", 403, "account-suspended"],
    ["none", 402, "not-subscribed"],
  ] as const) {
    rig.stores.accounts.byId = async (wanted) => {
      const account = await byId(wanted);
      return account && wanted === id
        ? { ...account, entitlement: { ...account.entitlement, standing } }
        : account;
    };
    const said = await ask(play.sessionToken, all());
    assert.deepEqual([said.status, said.code], [status, code]);
  }
  rig.stores.accounts.byId = byId;
  assert.equal((await ask(play.sessionToken, all())).status, 200);
  const admin = await operator(rig);
  await admin.post(`/v1/ops/sessions/${play.sessionId}/deny`, {});
  assert.equal((await ask(play.sessionToken, all())).code, "denied");
  const next = await viewer(rig);
  await admin.post("/v1/ops/titles/shown/deny", {});
  assert.equal((await ask(next.play.sessionToken, all())).code, "denied");
});

test("[CO255] while the database is away there is no licence, and when to ask again is said", async (t) => {
  const { rig, ask, all } = await openLicenceRig(t);
  const { play } = await viewer(rig);
  rig.stores.away = away;
  const said = await ask(play.sessionToken, all());
  assert.deepEqual([said.status, said.code, said.labels], [503, "database-unreachable", []]);
  assert.ok(Number(said.headers.get("retry-after")) > 0);
  rig.stores.away = undefined;
  assert.equal((await ask(play.sessionToken, all())).status, 200);
});

test("[CO256] licences are limited for each session, and one session does not use up another's", async (t) => {
  const { rig, ask, all } = await openLicenceRig(t, { licencesPerMinute: 2 });
  const [ada, bob] = [await viewer(rig), await viewer(rig)];
  const statuses = async (token: string) =>
    [await ask(token, all()), await ask(token, all()), await ask(token, all())].map((said) => said.status);
  assert.deepEqual(await statuses(ada.play.sessionToken), [200, 200, 429]);
  assert.deepEqual(await statuses(bob.play.sessionToken), [200, 200, 429]);
  for (let n = 0; n < 4; n++) assert.equal((await ask("nobody's", all())).status, 403);
});

test("[CO257] pages of other origins and players with a steering token may ask, unless they are offered nothing", async (t) => {
  const { rig, ask, all } = await openLicenceRig(t);
  const { play } = await viewer(rig);
  const token = new URL(play.steered?.dash ?? "", "http://x").searchParams.get("token") ?? "";
  const said = await ask(token, all(), "query");
  assert.deepEqual([said.status, said.labels.length], [200, 3]);
  assert.equal(said.headers.get("access-control-allow-origin"), "*");
  const asked = await fetch(`${rig.control.url}/v1/licence/clearkey`, {
    method: "OPTIONS",
    headers: { origin: "http://else.example", "access-control-request-method": "POST" },
  });
  assert.equal(asked.status, 204);
  assert.equal(asked.headers.get("access-control-allow-origin"), "*");
  assert.match(asked.headers.get("access-control-allow-headers") ?? "", /authorization/);
  rig.pass(ttlMs + graceMs);
  assert.equal((await ask(token, all(), "query")).code, "screen-lost");
  const strict = await openLicenceRig(t, { otherPlayers: "none" });
  const bob = await viewer(strict.rig);
  const grant = {
    sessionId: bob.play.sessionId,
    titleId: "shown",
    viewpoint: "",
    endsAtMs: strict.rig.nowMs() + 1e6,
  };
  const steering = mintSteeringToken(openSeal("s".repeat(32)), { ...grant, pathways: [] });
  assert.equal((await strict.ask(steering, strict.all())).code, "other-players-off");
  assert.equal((await strict.ask(bob.play.sessionToken, strict.all())).status, 200);
});

test("[CO262] an installation that issues no ClearKey licences names none and refuses", async (t) => {
  const { rig, ask, all } = await openLicenceRig(t, { clearKey: "off", widevineUrl: "http://127.0.0.1:1/" });
  const { play } = await viewer(rig);
  assert.deepEqual(
    [play.licence?.clearkey, play.licence?.systems],
    [undefined, { widevine: "/v1/licence/widevine" }],
  );
  assert.equal((await ask(play.sessionToken, all())).code, "clearkey-off");
});

test("[CO263] [LI14] a challenge of another system goes to its provider with the session's rights, and only then", async (t) => {
  const heard: { body: string; rights: Record<string, unknown>; token: string }[] = [];
  let answer: (status: (code: number) => void) => string | undefined = () => "licence";
  const provider = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request.setEncoding("latin1")) body += piece;
    const rights = JSON.parse(
      Buffer.from(String(request.headers["x-millrace-rights"]), "base64url").toString(),
    );
    heard.push({ body, rights, token: request.headers.authorization ?? "" });
    let status = 200;
    const said = answer((code) => {
      status = code;
    });
    if (said !== undefined) response.writeHead(status).end(said);
  });
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    provider.closeAllConnections();
    provider.close();
  });
  const address = provider.address();
  const widevineUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/wv`;
  const more = { widevineUrl, licenceProviderToken: "provider's", licenceDeadlineMs: 1500, licenceKib: 1 };
  const { rig, shown } = await openLicenceRig(t, more);
  const { play } = await viewer(rig, { maxHeight: 576 });
  const send = async (system: string, body: Buffer, token = play.sessionToken) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/octet-stream" };
    const response = await fetch(`${rig.control.url}/v1/licence/${system}`, {
      method: "POST",
      headers,
      body: new Uint8Array(body),
    });
    const text = await response.text();
    return `${response.status} ${text.startsWith("{") ? errorBody.parse(JSON.parse(text)).error.code : text}`;
  };
  const challenge = Buffer.from([8, 1, 0, 255]);
  assert.equal(await send("widevine", challenge), "200 licence");
  const { sessionId } = play;
  const kids = (["AUDIO", "SD"] as const satisfies readonly KeyLabel[]).map(shown.kid);
  const rights = { titleId: "shown", sessionId, kids, endsAtMs: rig.nowMs() + ttlMs + graceMs };
  assert.deepEqual(heard, [{ body: challenge.toString("latin1"), rights, token: "Bearer provider's" }]);
  answer = (status) => {
    status(403);
    return "secret reason";
  };
  assert.equal(await send("widevine", challenge), "502 licence-provider-failed");
  answer = () => "x".repeat(2000);
  assert.equal(await send("widevine", challenge), "502 licence-provider-failed");
  answer = () => undefined;
  assert.equal(await send("widevine", challenge), "503 licence-provider-slow");
  const before = heard.length;
  assert.equal(await send("playready", challenge), "404 licence-provider-off");
  assert.equal(await send("widevine", Buffer.alloc(2000)), "413 body-too-large");
  assert.equal(await send("widevine", challenge, "x"), "403 foreign-session");
  assert.match(await send("nosystem", challenge), /^400/);
  rig.pass(ttlMs + graceMs);
  assert.equal(await send("widevine", challenge), "409 screen-lost");
  assert.equal(heard.length, before, "the provider hears of none of these");
});

async function operator(rig: ScreenRig): Promise<Client> {
  const order = {
    email: "root@example.org",
    passwordHash: await knownPasswordHash(),
    role: "admin",
    profileName: "Root",
  } as const;
  const made = await rig.stores.accounts.create(order);
  return rig.device(typeof made === "string" ? "" : made.id);
}
