// The control plane's API over HTTP: a real server on a free port, the embedded database and a real event log.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openSecrets } from "#control/io/secrets.ts";
import { readEntry, tickRecord } from "#control/log-record.ts";
import { goodReport, smallSites, smallTitle, smallTitleFiles } from "#test/fixtures/small-network.ts";
import { type DesiredState, reportAnswer } from "#wire/appliance.ts";
import { opsAppliances } from "#wire/ops.ts";
import { playAnswer } from "#wire/viewer.ts";
import { type Client, client } from "./control-client.ts";
import { documentedPaths } from "./control-paths.ts";
import { eventually, openPlane, operator, type Plane, settings, viewer } from "./control-plane.ts";

const film = "film-1";
let home = "";
let running: Plane | undefined;

function now(): Plane {
  assert.ok(running !== undefined);
  return running;
}

async function signedIn(who: typeof viewer): Promise<Client> {
  const browser = client(now().control.url);
  assert.equal((await browser.signIn(who.email, who.password)).status, 200);
  return browser;
}

async function report(id: string, verified: string[], epoch = 0): Promise<DesiredState | null> {
  const { applianceToken } = await openSecrets(join(home, "secrets.json"));
  const listen = smallSites.sites.flatMap((site) => site.appliances).find((box) => box.id === id)?.listen;
  const said = await client(now().control.url).post(
    `/v1/appliances/${id}/report`,
    goodReport(`http://${listen ?? "127.0.0.1:1"}`, verified, epoch),
    { authorization: `Bearer ${applianceToken}` },
  );
  assert.equal(said.status, 200, JSON.stringify(said.body));
  return reportAnswer.parse(said.body).desired;
}

before(async () => {
  home = await mkdtemp(join(tmpdir(), "millrace-control-"));
  running = await openPlane(home);
  await now().control.publishTitle(smallTitle(film));
});

after(async () => {
  await running?.close();
  await rm(home, { recursive: true, force: true });
});

test("[CO1] the right password signs in with a safe cookie, wrong ones do not, and too many lock the account", async () => {
  const browser = client(now().control.url);
  assert.equal((await browser.get("/v1/me")).code, "signed-out");
  const right = await browser.signIn(viewer.email.toUpperCase(), viewer.password);
  assert.equal(right.status, 200);
  assert.match(
    right.headers.get("set-cookie") ?? "",
    /^millrace=a1~[\w~-]{50,200}; .*HttpOnly.*SameSite=Lax/,
  );
  assert.equal((await browser.get("/v1/me")).status, 200);
  await browser.post("/v1/sign-out", {});
  assert.equal((await browser.get("/v1/me")).code, "signed-out");

  for (let n = 0; n < settings.signInFailures; n++) {
    const wrong = await browser.signIn("nobody@example.org", "not the password");
    assert.equal(wrong.code, "wrong-password");
  }
  const locked = await browser.signIn("nobody@example.org", "not the password");
  assert.equal(locked.code, "account-locked");
  assert.ok(Number(locked.headers.get("retry-after")) > 0);
});

test("[CO2] every path of the API wants a signed-in viewer, and operator paths an operator", async () => {
  const stranger = client(now().control.url);
  const ada = await signedIn(viewer);
  const op = await signedIn(operator);
  const document = (await stranger.get("/v1/openapi.json")).body;
  const paths = Object.keys(Object(Object(document).paths));
  const gets = paths.filter((path) => Object(Object(document).paths)[path].get !== undefined);
  const proof = (path: string): string => JSON.stringify(Object(Object(document).paths)[path].get.security);
  // Whoever may see how to sign in and what is sold, and a page that is reached by chance alone.
  const open = /^\/v1\/(sign-in\/|plans$|payments\/)/;
  // Off here: the guard lets in, and nothing is found.
  const selling = /^\/v1\/(subscription|invoices)/;
  const guarded = gets.filter((path) => path.startsWith("/v1/") && !open.test(path));
  assert.ok(guarded.length >= 10, guarded.join(" "));
  for (const path of guarded) {
    const real = path
      .replace(/\{\w+\}/, film)
      .replace("/v1/steering", `/v1/steering?titleId=${film}`)
      .replace("/v1/search", "/v1/search?q=film");
    assert.equal((await stranger.get(real)).status, 401, path);
    const isAdmins = proof(path) === '[{"admin":[]}]';
    const isOthers = isAdmins || proof(path) === '[{"operator":[]}]';
    const answer = isWorkers(path) ? 401 : isOthers ? 403 : selling.test(path) ? 404 : 200;
    assert.equal((await ada.get(real)).status, answer, path);
    assert.equal((await op.get(real)).status === 403, isAdmins, path);
  }
  for (const wish of ["drain", "undrain"]) {
    assert.equal((await ada.post(`/v1/ops/appliances/a1/${wish}`, {})).code, "not-operator");
  }
  assert.equal((await stranger.post("/v1/play", { titleId: film })).code, "signed-out");
});

/** A cookie is no token. */
function isWorkers(path: string): boolean {
  return /^\/v1\/(results\/|masters\/\{id\}\/content)/.test(path);
}

test("[CO3] a play names signed sources for every rendition, the origin last, and the resume point", async () => {
  await report("a1", smallTitleFiles(film));
  await report("x1", [`${film}/v360-1`]);
  const ada = await signedIn(viewer);
  const play = await ada.play(film, "in-a");
  const ids = (rendition: string): string[] =>
    (play.sources[rendition] ?? []).map((source) => source.sourceId);
  assert.deepEqual(ids("v360-1"), ["a1", "x1", "origin"]);
  assert.deepEqual(ids("audio"), ["a1", "origin"]);
  assert.deepEqual(ids("index"), ["a1", "origin"]);
  const signed = /^http:\/\/127\.0\.1\.11:8181\/t\/\d{10}\/[\w-]{36}\/k[0-9a-f]{6}\.[\w-]{43}\/v\/film-1\//;
  assert.match(play.manifests[0]?.dash ?? "", new RegExp(`${signed.source}manifest\\.mpd$`));
  assert.match(play.sources["v360-1"]?.[0]?.baseUrl ?? "", new RegExp(`${signed.source}v360-1/$`));
  assert.match(play.sidecarUrls.at(-1) ?? "", /^http:\/\/127\.0\.1\.1:8180\/t\/.*\/sidecar\.json$/);
  assert.equal(play.resume, null);
  assert.equal(play.steering.ranked.at(-1)?.id, "origin");
  assert.ok(play.steering.eliminated.some((box) => box.id === "a2" && box.by !== undefined));
  assert.equal((await ada.post("/v1/play", { titleId: "gone" })).code, "unknown-title");
  assert.equal((await ada.post("/v1/play", { titleId: film, viewpoint: "moon" })).code, "unknown-viewpoint");
});

/** Steering's decisions come between them, a moment after their plays. */
async function beaconsFrom(offset: number): Promise<number> {
  const records = await now().log.read(offset, 100);
  return records.filter(({ value }) => readEntry(value).kind === "beacon").length;
}

test("[CO4] beacons with a foreign session or an altered token are refused, and none of their batch is kept", async () => {
  const ada = await signedIn(viewer);
  const [mine, other] = [await ada.play(film), await ada.play(film)];
  const before = (await now().log.append([tickRecord(0)])) + 1;
  const foreign = await ada.post("/v1/telemetry", {
    sessionToken: mine.sessionToken,
    events: [ada.beacon(mine, 1), ada.beacon(other, 1)],
  });
  assert.deepEqual([foreign.status, foreign.code], [403, "foreign-session"]);
  for (const token of [
    `${mine.sessionToken.slice(0, -1)}${mine.sessionToken.endsWith("A") ? "B" : "A"}`,
    mine.sessionToken.replace(mine.sessionId, other.sessionId),
    "",
    "s2~~~~~",
  ]) {
    const said = await ada.post("/v1/telemetry", { sessionToken: token, events: [ada.beacon(other, 1)] });
    assert.deepEqual([said.status, said.code], [403, "foreign-session"], token);
  }
  assert.equal(await beaconsFrom(before), 0);
});

test("[CO5] accepted beacons are on disk before the answer, sent as text too, and become the resume point", async () => {
  const ada = await signedIn(viewer);
  const play = await ada.play(film);
  const before = (await now().log.append([tickRecord(0)])) + 1;
  const body = JSON.stringify({
    sessionToken: play.sessionToken,
    events: [
      ada.beacon(play, 1, { state: "start", positionMs: 0 }),
      ada.beacon(play, 2, { positionMs: 21_000 }),
    ],
  });
  const said = await client(now().control.url).post("/v1/telemetry", body, {
    "content-type": "text/plain;charset=UTF-8",
  });
  assert.equal(said.status, 204);
  assert.equal(await beaconsFrom(before), 2);
  const resumed = async (): Promise<boolean> =>
    Object(Object(await ada.get(`/v1/resume/${film}`)).body)?.positionMs === 21_000;
  await eventually("the bookmark is folded", resumed);
  assert.equal((await ada.play(film)).resume?.positionMs, 21_000);
  const rows = async (): Promise<string> =>
    Object(Object((await ada.get("/v1/home")).body))
      .rows.map((row: { id: string }) => row.id)
      .join(" ");
  assert.match(await rows(), /^continue /);
  await eventually("plays are counted", async () => (await rows()) === "continue popular newest");
});

test("[CO6] an appliance learns what to hold, is advertised only for what it verified, and not when drained", async () => {
  const ada = await signedIn(viewer);
  const op = await signedIn(operator);
  const sources = async (): Promise<string[]> =>
    ((await ada.play(film, "in-a")).sources["v360-1"] ?? []).map((source) => source.sourceId);
  await report("x1", []);
  await report("a2", []);
  const wanted = await report("a1", []);
  assert.ok(wanted !== null);
  assert.deepEqual(wanted.files.map((file) => file.id).sort(), smallTitleFiles(film).sort());
  assert.deepEqual(
    wanted.files[0]?.sources.map((source) => source.sourceId),
    ["origin"],
  );
  assert.deepEqual(await sources(), ["origin"]);

  assert.equal(await report("a1", [`${film}/v360-1`], wanted.epoch), null);
  assert.deepEqual(await sources(), ["a1", "origin"]);
  const late = await report("x1", []);
  const video = late?.files.find((file) => file.id === `${film}/v360-1`);
  assert.deepEqual(
    video?.sources.map((source) => source.sourceId),
    ["a1", "origin"],
  );

  assert.equal((await op.post("/v1/ops/appliances/a1/drain", {})).status, 204);
  assert.deepEqual(await sources(), ["origin"]);
  const shown = opsAppliances.parse((await op.get("/v1/ops/appliances")).body);
  assert.equal(shown.appliances.find((box) => box.id === "a1")?.health, "draining");
  assert.equal((await op.post("/v1/ops/appliances/a1/undrain", {})).status, 204);
  assert.deepEqual(await sources(), ["a1", "origin"]);
});

test("[CO7] an appliance without the token, with an unknown name or a strange address is refused", async () => {
  const box = client(now().control.url);
  const { applianceToken } = await openSecrets(join(home, "secrets.json"));
  const good = goodReport("http://127.0.1.11:8181", []);
  const bearer = { authorization: `Bearer ${applianceToken}` };
  assert.equal((await box.post("/v1/appliances/a1/report", good)).code, "wrong-token");
  const almost = { authorization: `Bearer ${applianceToken}x` };
  assert.equal((await box.post("/v1/appliances/a1/report", good, almost)).code, "wrong-token");
  assert.equal((await box.post("/v1/appliances/zz/report", good, bearer)).code, "unknown-appliance");
  const strange = { ...good, baseUrl: "http://127.0.0.1:1; script-src *" };
  assert.equal((await box.post("/v1/appliances/a1/report", strange, bearer)).code, "bad-request");
});

test("[CO31] two agents under one id: the earlier one is told where the other is", async () => {
  const { applianceToken } = await openSecrets(join(home, "secrets.json"));
  const tell = (bootId: string, port: number) =>
    client(now().control.url).post(
      "/v1/appliances/a2/report",
      { ...goodReport(`http://127.0.1.12:${port}`, []), bootId },
      { authorization: `Bearer ${applianceToken}` },
    );
  assert.equal((await tell("boot-a", 8181)).status, 200);
  assert.equal((await tell("boot-b", 9999)).status, 200);
  const said = await tell("boot-a", 8181);
  assert.deepEqual([said.status, said.code], [409, "two-agents"]);
  assert.match(JSON.stringify(said.body), /127\.0\.1\.12:9999/);
  assert.equal((await tell("boot-b", 8181)).status, 200);
});

test("[CO8] the API describes itself: a valid document with every path, readable without anything from elsewhere", async () => {
  const anyone = client(now().control.url);
  const document = Object((await anyone.get("/v1/openapi.json")).body);
  assert.match(document.openapi, /^3\.1/);
  assert.deepEqual(Object.keys(document.paths).sort(), documentedPaths);
  for (const path of Object.values<Record<string, unknown>>(document.paths)) {
    for (const operation of Object.values(path)) {
      assert.ok(Object(operation).summary.length > 4);
      assert.ok(Object.keys(Object(operation).responses).length > 0);
    }
  }
  const proof = (path: string, method: string): unknown => document.paths[path]?.[method]?.security;
  assert.deepEqual(proof("/v1/sign-in", "post"), []);
  assert.deepEqual(proof("/v1/home", "get"), [{ viewer: [] }]);
  assert.deepEqual(proof("/v1/ops/sessions", "get"), [{ operator: [] }]);
  assert.deepEqual(proof("/v1/appliances/{id}/report", "post"), [{ appliance: [] }]);
  const page = await anyone.get("/docs/");
  assert.equal(page.status, 200);
  assert.doesNotMatch(String(page.body), /(src|href)="https?:/);
  assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'self'/);
  assert.doesNotMatch(page.headers.get("content-security-policy") ?? "", /https?:/);
});

test("[CO9] what does not fit is answered with a code, the field, and nothing of the inside", async () => {
  const ada = await signedIn(viewer);
  const bad = await ada.post("/v1/play", { titleId: "../etc" });
  assert.equal(bad.code, "bad-request");
  assert.match(JSON.stringify(bad.body), /body\.titleId/);
  assert.equal((await ada.post("/v1/play", "{", {})).code, "bad-request");
  assert.equal((await ada.post("/v1/play", "titleId=x", { "content-type": "text/plain" })).code, "not-json");
  assert.equal(
    (await ada.post("/v1/ops/appliances/a1/drain", "", { "content-type": "text/plain" })).code,
    "not-json",
  );
  assert.equal(
    (await ada.post("/v1/sign-in", { email: "a".repeat(70_000), password: "x" })).code,
    "body-too-large",
  );
  assert.equal((await ada.get("/v1/nothing")).code, "no-route");
  const cross = { "sec-fetch-site": "cross-site" };
  assert.equal((await ada.post("/v1/play", { titleId: film }, cross)).code, "cross-site");
  const play = await ada.play(film);
  const many = Array.from({ length: 201 }, (_, n) => ada.beacon(play, n + 1));
  const said = await ada.post("/v1/telemetry", { sessionToken: play.sessionToken, events: many });
  assert.equal(said.code, "bad-request");
});

test("[CO27] a play goes on with its own session from another place, and with no other", async () => {
  await report("a1", smallTitleFiles(film));
  await report("x1", smallTitleFiles(film));
  const ada = await signedIn(viewer);
  const begun = await ada.play(film);
  const wish = { titleId: film, viewpoint: "in-a", sessionId: begun.sessionId };
  const said = await ada.post("/v1/play", wish);
  assert.equal(said.status, 200, JSON.stringify(said.body));
  const moved = playAnswer.parse(said.body);
  assert.equal(moved.sessionId, begun.sessionId);
  assert.equal(moved.steering.ranked[0]?.id, "a1");
  assert.equal(moved.sources["v360-1"]?.[0]?.sourceId, "a1");
  for (const play of [begun, moved]) {
    const events = [ada.beacon(begun, 1)];
    const sent = await ada.post("/v1/telemetry", { sessionToken: play.sessionToken, events });
    assert.equal(sent.status, 204, "both tokens are this session's");
  }
  const other = await signedIn(operator);
  for (const [who, body] of [
    [other, wish],
    [ada, { ...wish, sessionId: "nobody" }],
  ] as const) {
    assert.equal((await who.post("/v1/play", body)).code, "foreign-session");
  }
});

test("[CO10] probes, figures and headers", async () => {
  const anyone = client(now().control.url);
  await report("a1", smallTitleFiles(film));
  const ada = await signedIn(viewer);
  const play = await ada.play(film, "in-a");
  await ada.post("/v1/telemetry", { sessionToken: play.sessionToken, events: [ada.beacon(play, 1)] });
  assert.deepEqual((await anyone.get("/healthz")).body, { alive: true });
  assert.deepEqual((await anyone.get("/readyz")).body, { ready: true, reasons: [] });
  const figures = String((await anyone.get("/metrics")).body);
  assert.match(figures, /millrace_beacons_total\{result="accepted"\} [1-9]/);
  assert.match(figures, /millrace_play_starts_total\{source="a1"\} \d/);
  assert.match(figures, /millrace_appliances\{health="healthy"\} [123]\n/);
  assert.match(
    figures,
    /millrace_http_request_duration_seconds_count\{method="POST",route="\/v1\/play",status="200"\}/,
  );
  const { headers } = await anyone.get("/v1/me");
  assert.equal(headers.get("cache-control"), "no-store");
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  assert.equal(
    headers.get("content-security-policy"),
    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  );
  const policy = (await anyone.get("/")).headers.get("content-security-policy") ?? "";
  assert.match(policy, /connect-src 'self' http:\/\/127\.0\.1\.11:8181 http:\/\/127\.0\.1\.12:8181 /);
  assert.match(policy, /media-src 'self' blob: /);
});

test("[CO28] a title that cannot be placed is published all the same: the origin serves it, the old plan stays", async () => {
  const ada = await signedIn(viewer);
  const before = now().control.placement();
  const fullSites = smallSites.sites.map((site) => ({
    ...site,
    appliances: site.appliances.map((box) => ({ ...box, storageBytes: 0 })),
  }));
  now().control.setSites({ ...smallSites, sites: fullSites });
  const placing = await now().control.publishTitle(smallTitle("film-2"));
  now().control.setSites(smallSites);
  assert.equal(placing.kind, "refused");
  assert.ok(placing.kind === "refused" && /storage/.test(placing.because));
  assert.equal(now().control.placement(), before);
  const play = await ada.play("film-2");
  assert.deepEqual(
    play.sources["v360-1"]?.map((source) => source.sourceId),
    ["origin"],
  );
});

test("[CO13] after a restart bookmarks, cookies, drains and the plan are as before", async () => {
  const ada = await signedIn(viewer);
  const watched = await ada.play(film);
  const events = [ada.beacon(watched, 1, { positionMs: 33_000 })];
  await ada.post("/v1/telemetry", { sessionToken: watched.sessionToken, events });
  const resumed = async (from: Client): Promise<boolean> =>
    Object((await from.get(`/v1/resume/${film}`)).body).positionMs === 33_000;
  const placed = now().control.placement();
  const token = (await ada.play(film)).sessionToken;
  const op = await signedIn(operator);
  assert.equal((await op.post("/v1/ops/appliances/a2/drain", {})).status, 204);
  await now().close();
  running = await openPlane(home);
  const again = client(now().control.url, ada.cookie());
  await eventually("the bookmark is there, folded before or after the restart", () => resumed(again));
  assert.equal(now().control.placement()?.epoch, placed?.epoch);
  await report("a2", []);
  const drained = now()
    .control.appliances()
    .find((box) => box.id === "a2");
  assert.equal(drained?.health, "draining");
  const figures = String((await again.get("/metrics")).body);
  assert.match(figures, new RegExp(`millrace_placement_epoch ${placed?.epoch}\\n`));
  const play = await again.play(film);
  const said = await again.post("/v1/telemetry", { sessionToken: token, events: [again.beacon(play, 1)] });
  assert.equal(said.code, "foreign-session");
});
