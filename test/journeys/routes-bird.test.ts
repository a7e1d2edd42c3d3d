// From the neighbour's router to the viewer's list: BIRD, the speaker, the feed, control.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openSpeaker } from "#bgp/io/speaker.ts";
import { SpeakerSource } from "#bgp/io/speaker-source.ts";
import { openSecrets } from "#control/io/secrets.ts";
import { endAll } from "#edge/io/nginx-process.ts";
import { systemClock } from "#io/clock.ts";
import { openLog } from "#io/log.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import type { OpsRoutes } from "#wire/routes.ts";
import { freePort, listenHost, localAs, missingBird, plansOf, startBird } from "./bgp-rig.ts";
import { type Client, client } from "./control-client.ts";
import { eventually, openPlane, operator, type Plane } from "./control-plane.ts";
import { freeListen, missing } from "./edge-rig.ts";
import { film, report, routesNow, tell } from "./routes-rig.ts";

const viewer = "198.51.100.7";
let home = "";
let running: Plane | undefined;
let token = "";
let page: Client | undefined;

function plane(): Plane {
  assert.ok(running !== undefined);
  return running;
}

before(async () => {
  if (missingBird !== false) return;
  home = await mkdtemp(join(tmpdir(), "millrace-routes-bird-"));
  running = await openPlane(home);
  await running.control.publishTitle(smallTitle(film));
  token = (await openSecrets(running.secretsPath)).applianceToken;
  page = client(running.control.url);
  await page.signIn(operator.email, operator.password);
});

after(async () => {
  await running?.close();
  await rm(home, { recursive: true, force: true });
});

async function toldBy(id: string): Promise<OpsRoutes["appliances"][number] | undefined> {
  assert.ok(page !== undefined);
  return (await routesNow(page)).appliances.find((box) => box.id === id);
}

/** Until new plays go to this site first. */
function until(what: string, first: string): Promise<void> {
  const { control } = plane();
  return eventually(`${what}: ${first}`, async () => {
    for (const id of ["a1", "a2", "x1"]) await report(control.url, token, id);
    return control.steeringFor(viewer, film)?.ranked[0]?.siteId === first;
  });
}

const router = "127.0.0.61";
test("[BG111] [BG112] an ISP's router withdraws a prefix, falls silent and comes back: new plays follow", {
  skip: missingBird,
}, async (t) => {
  const { control } = plane();
  const source = new SpeakerSource(60_000);
  const peers = plansOf([{ address: router, as: 64_500, site: "isp-a" }], { staleMs: 2000 });
  const speaker = await openSpeaker({
    ...{ peers, clock: systemClock, log: openLog("bgp", "silent"), chance: () => 0.5 },
    listen: { host: listenHost, port: 0 },
    ...source.hooks,
  });
  source.attach(speaker);
  t.after(async () => {
    source.close();
    await speaker.close("the test is over");
  });
  const feed = tell({ url: control.url, token, id: "a1", source });
  t.after(() => feed.stop());

  const kept = "203.0.113.0/24 { bgp_med = 5; }";
  const wanted = "198.51.100.0/24";
  const bird = await startBird(t, {
    ...{ address: router, port: await freePort(router), as: 64_500, peerPort: speaker.port },
    v4: [kept, wanted],
    v6: ["2001:db8:1::/48"],
  });
  await until("announced", "isp-a");
  await eventually("all is told", async () => {
    const { prefixes, state } = (await toldBy("a1")) ?? {};
    return state === "live" && prefixes?.v4 === 2 && prefixes.v6 === 1;
  });
  const begun = performance.now();
  bird.reconfigure({ v4: [kept] });
  await until("withdrawn", "ix");
  t.diagnostic(`${Math.round(performance.now() - begun)} ms from birdc to the first other answer`);
  bird.reconfigure({ v4: [kept, wanted] });
  await until("announced again", "isp-a");
  await bird.kill();
  await eventually("stale", async () => (await toldBy("a1"))?.stalePrefixes === 3);
  assert.equal(control.steeringFor(viewer, film)?.ranked[0]?.siteId, "isp-a", "stale routes count");
  await until("given up", "ix");
  await bird.start();
  await until("back", "isp-a");
});

test("[BG124] an appliance listens to the neighbours of its file; with a file that cannot be used it does not start", {
  skip: missingBird || missing,
}, async (t) => {
  const address = "127.0.0.62";
  const port = await freePort(listenHost);
  const file = join(home, "bgp.json");
  const neighbours = {
    ...{ localAs, routerId: "10.9.9.9", allowPrivate: true, listen: { host: listenHost, port } },
    peers: [{ address, as: 64_500, site: "isp-a" }],
  };
  await writeFile(join(home, "token"), token);
  const box = join(home, "box");
  const start = async (
    config: unknown,
  ): Promise<{ readonly child: ChildProcess; readonly said: () => string }> => {
    await writeFile(file, JSON.stringify(config));
    const argv = ["src/bin/millrace.ts", "appliance", "--id", "a2", "--control", plane().control.url];
    argv.push("--token-file", join(home, "token"), "--budget", "1000000", "--listen", await freeListen());
    argv.push("--dir", box, "--bgp", file);
    const env = { ...process.env, MILLRACE_LOG_LEVEL: "error", MILLRACE_BGP_FEED_ALIVE_MS: "200" };
    const child = spawn(process.execPath, argv, { env, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    t.after(async () => {
      child.kill("SIGKILL");
      await endAll(join(box, "nginx"), 0);
    });
    return { child, said: () => said };
  };
  const wrong = await start({ ...neighbours, routerId: "nobody" });
  assert.deepEqual(await once(wrong.child, "close"), [1, null]);
  assert.match(
    wrong.said(),
    /BGP configuration cannot be used: .*bgp\.json: routerId: wanted an IPv4 address/,
  );

  const { child, said } = await start(neighbours);
  await startBird(t, {
    ...{ address, port: await freePort(address), as: 64_500, peerPort: port },
    v4: ["198.51.100.0/24", "203.0.113.0/24 { bgp_med = 5; }"],
    v6: ["2001:db8:1::/48"],
  });
  await eventually("its routes are told", async () => {
    assert.equal(child.exitCode, null, said());
    const { state, prefixes, sessions = [] } = (await toldBy("a2")) ?? {};
    return state === "live" && prefixes?.v4 === 2 && prefixes.v6 === 1 && sessions[0]?.id === address;
  });
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null], said());
});
