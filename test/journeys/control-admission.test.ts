// Admission and lints as a real control plane answers them: reports in, ranked lists and the operator's answers out.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { openSecrets } from "#control/io/secrets.ts";
import { type ControlHandle, startControl } from "#control/io/server.ts";
import { systemClock } from "#io/clock.ts";
import { openLog } from "#io/log.ts";
import {
  goodReport,
  smallRoutes,
  smallSites,
  smallTitle,
  smallTitleFiles,
} from "#test/fixtures/small-network.ts";
import type { CheckOutcome } from "#wire/check.ts";
import { opsLints } from "#wire/lints.ts";
import { opsAppliances } from "#wire/ops.ts";
import type { RoutesFile } from "#wire/topology.ts";
import { client } from "./control-client.ts";
import { openPlane, operator, settings, viewer } from "./control-plane.ts";

const film = "film-1";

const home = await mkdtemp(join(tmpdir(), "millrace-control-admission-"));
const plane = await openPlane(home);
await plane.control.publishTitle(smallTitle(film));
after(async () => {
  await plane.close();
  await rm(home, { recursive: true, force: true });
});

/** A second control plane over the first one's stores, with settings and routes of its own. */
async function opened(
  t: TestContext,
  own: Partial<typeof settings>,
  routes: RoutesFile = smallRoutes,
): Promise<ControlHandle> {
  const control = await startControl({
    stores: plane.stores,
    log: plane.log,
    settings: { ...settings, ...own },
    secrets: await openSecrets(plane.secretsPath),
    listen: { host: "127.0.0.1", port: 0 },
    topology: smallSites,
    routes,
    originBaseUrl: "http://127.0.1.1:8180",
    pagesFolder: undefined,
    logger: openLog("control", "silent"),
    clock: systemClock,
    signal: t.signal,
  });
  t.after(() => control.close());
  return control;
}

/** A well appliance's report, with what its last check came to. */
async function report(control: ControlHandle, id: string, check?: CheckOutcome): Promise<void> {
  const { applianceToken } = await openSecrets(plane.secretsPath);
  const body = goodReport(`http://127.0.1.1${id === "a1" ? 1 : 2}:8181`, smallTitleFiles(film), 0);
  const said = await client(control.url).post(
    `/v1/appliances/${id}/report`,
    check === undefined ? body : { ...body, check },
    { authorization: `Bearer ${applianceToken}` },
  );
  assert.equal(said.status, 200, JSON.stringify(said.body));
}

const passed: CheckOutcome = {
  atMs: systemClock.wallMs(),
  profile: "site",
  altered: [],
  counts: { holds: 11, doesNotHold: 0, cannotBeTold: 0, notAsked: 0 },
  failures: [],
};

test("[ED187] [ED189] with admission required, only an appliance that reports a passed check gets viewers", async (t) => {
  const control = await opened(t, { admission: "require" });
  const [ada, op] = [client(control.url), client(control.url)];
  await ada.signIn(viewer.email, viewer.password);
  await op.signIn(operator.email, operator.password);
  await report(control, "a1", passed);
  await report(control, "a2");
  const { steering } = await ada.play(film, "in-a");
  assert.deepEqual(
    steering.ranked.map(({ id }) => id),
    ["a1", "origin"],
  );
  const out = new Map(steering.eliminated.map(({ id, by, because }) => [id, `${by}: ${because}`]));
  assert.match(out.get("a2") ?? "", /^unadmitted: Its site was not checked/);
  await report(control, "a2", passed);
  const again = await ada.play(film, "in-a");
  assert.ok(again.steering.ranked.some(({ id }) => id === "a2"));
  const answer = opsAppliances.parse((await op.get("/v1/ops/appliances")).body);
  const verdicts = answer.appliances.map(({ id, admission }) => `${id} ${admission.verdict}`);
  assert.deepEqual(verdicts, ["a1 passed", "a2 passed", "x1 unchecked"]);
});

test("[ED188] [BG98] by default nobody is kept out; operators alone read what is odd about routes", async (t) => {
  const odd: RoutesFile = {
    routes: [
      ...smallRoutes.routes,
      { siteId: "isp-a", applianceId: "a1", prefix: "62.115.4.0/24", asPath: [64_500], med: 0 },
    ],
  };
  const control = await opened(t, {}, odd);
  const [ada, op] = [client(control.url), client(control.url)];
  await ada.signIn(viewer.email, viewer.password);
  await op.signIn(operator.email, operator.password);
  await report(control, "a1");
  assert.equal((await ada.play(film, "in-a")).steering.ranked[0]?.id, "a1");
  assert.equal((await ada.get("/v1/ops/lints")).code, "not-operator");
  const { lints } = opsLints.parse((await op.get("/v1/ops/lints")).body);
  const found = lints.find(({ kind }) => kind === "servers-differ");
  assert.match(found?.sentence ?? "", /^a2 does not hear 1 of the \d IPv4 prefixes that site isp-a hears/);
  assert.deepEqual(found?.examples, ["62.115.4.0/24"]);
  assert.deepEqual(opsLints.parse((await op.get("/v1/ops/lints")).body).lints, lints);
  const busy = await opened(t, { lintRoutes: 1 }, odd);
  const chief = client(busy.url);
  await chief.signIn(operator.email, operator.password);
  const { tooMany, routes } = opsLints.parse((await chief.get("/v1/ops/lints")).body);
  assert.deepEqual([tooMany, routes], [true, odd.routes.length]);
});
