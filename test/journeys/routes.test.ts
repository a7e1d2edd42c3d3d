// What appliances hear decides where new plays go: a real control plane, the real feed over HTTP, routes that come and go.
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import { feedSettings } from "#bgp/feed-settings.ts";
import { HeardTable } from "#bgp/heard-table.ts";
import { followHeardFile } from "#bgp/io/heard-file.ts";
import type { RouteSource } from "#bgp/route-source.ts";
import { defaultsOf } from "#config/setting.ts";
import { openSecrets } from "#control/io/secrets.ts";
import { routeSettings } from "#control/route-settings.ts";
import { openLog } from "#io/log.ts";
import type { RouteAnswer, RouteMessage } from "#model/route-feed.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { routeAnswer } from "#wire/routes.ts";
import { client } from "./control-client.ts";
import { eventually, openPlane, operator, type Plane } from "./control-plane.ts";
import { film, heard, report, routesNow, session, tell, writeHeard } from "./routes-rig.ts";

/** Inside ISP A as far as only BGP knows: the routes file says nothing of it. */
const address = "198.51.100.7";
let home = "";
let running: Plane | undefined;
let token = "";

function now(): Plane {
  assert.ok(running !== undefined);
  return running;
}

before(async () => {
  home = await mkdtemp(join(tmpdir(), "millrace-routes-"));
  running = await openPlane(home, {
    routesFolder: join(home, "routes"),
    routeSettings: { ...defaultsOf(routeSettings), leaseSeconds: 1, keepMs: 10 },
  });
  await now().control.publishTitle(smallTitle(film));
  token = (await openSecrets(join(home, "secrets.json"))).applianceToken;
});

after(async () => {
  await running?.close();
  await rm(home, { recursive: true, force: true });
});

function telling(t: TestContext, id: string, source: RouteSource): ReturnType<typeof tell> {
  const feed = tell({ url: now().control.url, token, id, source });
  t.after(() => feed.stop());
  return feed;
}

async function allReport(): Promise<void> {
  for (const id of ["a1", "a2", "x1"]) await report(now().control.url, token, id);
}

/** Sites in the order in which a new play would be sent there; each once. */
function sitesFor(viewer: string): readonly string[] {
  const ranked = now().control.steeringFor(viewer, film)?.ranked ?? [];
  return [...new Set(ranked.map(({ siteId }) => siteId))];
}

async function until(what: string, sites: readonly string[], viewer = address): Promise<void> {
  await eventually(`${what}: ${sites.join(" ")}`, async () => {
    await allReport();
    return JSON.stringify(sitesFor(viewer)) === JSON.stringify(sites);
  });
}

const embedded = ["isp-a", "ix", "origin"];
const elsewhere = ["ix", "origin"];

test("[BG111] a prefix that an appliance hears brings new plays to its site; withdrawn, they leave it", async (t) => {
  await until("nobody heard of it", elsewhere);
  const table = heard(session("n1", "up", "198.51.100.0/24"));
  telling(t, "a1", table);
  await until("announced", embedded);
  const begun = performance.now();
  table.setSession(session("n1", "up"));
  await until("withdrawn", elsewhere);
  t.diagnostic(`${Math.round(performance.now() - begun)} ms from the withdrawal to the first other answer`);
});

test("[BG112] a lost neighbour's routes count while they are stale, and go when the speaker gives them up", async (t) => {
  const operatorPage = client(now().control.url);
  await operatorPage.signIn(operator.email, operator.password);
  const table = heard(session("n1", "up", "198.51.100.0/24"), session("n2", "up"));
  telling(t, "a1", table);
  await until("announced", embedded);
  table.setSession(session("n1", "stale", "198.51.100.0/24"));
  await eventually("control knows", async () => {
    const box = (await routesNow(operatorPage)).appliances.find(({ id }) => id === "a1");
    return box?.stalePrefixes === 1;
  });
  assert.deepEqual(sitesFor(address), embedded);
  table.clear("n1");
  await until("given up", elsewhere);
});

test("[BG113] a silent appliance's routes go with its lease, unless another of its site hears them", async (t) => {
  const first = telling(t, "a1", heard(session("n1", "up", "198.51.100.0/24")));
  const second = telling(t, "a2", heard(session("n1", "up", "198.51.100.0/24 3")));
  await until("announced", embedded);
  const pathOf = (): number | undefined => now().control.steeringFor(address, film)?.ranked[0]?.asPathLength;
  await eventually("the shorter path counts", async () => pathOf() === 1);
  await first.stop();
  await eventually("the other one's path counts", async () => {
    await allReport();
    assert.deepEqual(sitesFor(address), embedded, "at no time the site lost it");
    return pathOf() === 3;
  });
  await second.stop();
  await until("nobody hears it", elsewhere);
  await eventually("nothing is kept", async () => (await readdir(join(home, "routes"))).length === 0);
});

test("[BG114] the routes file is one more voice of its site, which never falls silent", async (t) => {
  const inA = "203.0.113.7";
  await until("by the file", embedded, inA);
  const table = heard(session("n1", "up", "203.0.113.0/24 4", "203.0.113.0/25"));
  telling(t, "x1", table);
  await until("the exchange hears more exactly", ["ix", "isp-a", "origin"], inA);
  table.set([]);
  await until("by the file again", embedded, inA);
});

test("[BG115] an appliance whose routes are not told yet is waited for, and said so; control is ready all the same", async (t) => {
  const anyone = client(now().control.url);
  const operatorPage = client(now().control.url);
  await operatorPage.signIn(operator.email, operator.password);
  const table = new HeardTable();
  table.setSession(session("n1", "up", "198.51.100.0/24", "2001:db8::/32"));
  telling(t, "a2", table);
  const notes = ["waiting for routes of 1 appliance"];
  await eventually("it is waited for", async () => {
    return (
      JSON.stringify((await anyone.get("/readyz")).body) ===
      JSON.stringify({ ready: true, reasons: [], notes })
    );
  });
  assert.equal((await routesNow(operatorPage)).waitingFor, 1);
  assert.deepEqual(sitesFor(address), elsewhere);
  table.settle();
  await until("told", embedded);
  const after = await routesNow(operatorPage);
  const box = after.appliances.find(({ id }) => id === "a2");
  assert.deepEqual([after.waitingFor, box?.state, box?.prefixes], [0, "live", { v4: 1, v6: 1 }]);
  assert.deepEqual(box?.sessions, [{ id: "n1", state: "up", prefixes: { v4: 1, v6: 1 } }]);
  assert.ok((box?.silentMs ?? Number.NaN) < 10_000 && (box?.lastResyncAtMs ?? 0) > 0);
  assert.equal(box?.because, "What counts is what it hears.");
  assert.equal((await anyone.get("/readyz")).status, 200);
});

test("[BG116] routes need the appliance token and a known appliance; what cannot be read is refused with the reason", async () => {
  const anyone = client(now().control.url);
  const hello: RouteMessage = { kind: "hello", stream: "s", seq: 0, isSure: true, isWhole: true };
  const post = (id: string, body: unknown, bearer = token) =>
    anyone.post(`/v1/appliances/${id}/routes`, body, { authorization: `Bearer ${bearer}` });
  assert.equal((await post("a1", hello, "wrong")).code, "wrong-token");
  assert.equal((await post("nobody", hello)).code, "unknown-appliance");
  assert.equal((await post("a1", { ...hello, seq: -1 })).code, "bad-request");
  assert.equal((await post("a1", "x".repeat((1 << 20) + 1))).code, "body-too-large");
  assert.equal((await client(now().control.url).get("/v1/ops/routes")).code, "signed-out");
  const answer: RouteAnswer = routeAnswer.parse((await post("a1", hello)).body);
  assert.ok(answer.kind === "resync");
  const part: RouteMessage = {
    ...{
      kind: "part",
      stream: "s",
      seq: 1,
      base: "nothing",
      token: answer.token,
      isFirst: true,
      isLast: true,
    },
    sessions: [],
    attributes: [],
    rows: [{ session: "n1", announced: btoa("\x00\x18\x0a\x00\x00"), withdrawn: "" }],
  };
  const said = await post("a1", part);
  assert.equal(said.code, "routes-refused");
  assert.match(JSON.stringify(said.body), /The routes of a1 were not taken: session n1: .* attributes 0/);
});

test("[BG117] a routes file at the appliance is followed; one that cannot be read is told, and the last one counts", async (t) => {
  const path = join(home, "heard.json");
  const stopping = new AbortController();
  const logPath = join(home, "sender.log");
  const log = openLog("sender", "info", logPath);
  const followed = followHeardFile({ path, log, signal: stopping.signal });
  t.after(async () => {
    stopping.abort();
    await followed.ended;
  });
  telling(t, "a1", followed.source);
  await rest(300);
  assert.equal(followed.source.isWhole(), false);
  await writeHeard(path, ["n1", "up", "198.51.100.0/24"]);
  await until("read", embedded);
  await writeFile(path, '{"sessions":[{"id":"n1","routes":[{"prefix":"198.51.100.0/33","asPath":[1]}]}]}');
  await eventually("it is told", async () => {
    log.flush();
    return (await readFile(logPath, "utf8")).includes("198.51.100.0/33");
  });
  await until("the last one counts", embedded);
  await writeHeard(path, ["n1", "up"]);
  await until("read again", elsewhere);
  assert.ok(defaultsOf(feedSettings).aliveMs * 3 < defaultsOf(routeSettings).leaseSeconds * 1000);
});
