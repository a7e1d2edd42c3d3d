// From the neighbour's router to the viewer's list: BIRD, the speaker, the feed, control.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openSpeaker } from "#bgp/io/speaker.ts";
import { SpeakerSource } from "#bgp/io/speaker-source.ts";
import { openSecrets } from "#control/io/secrets.ts";
import { systemClock } from "#io/clock.ts";
import { openLog } from "#io/log.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { freePort, listenHost, missingBird, plansOf, startBird } from "./bgp-rig.ts";
import { client } from "./control-client.ts";
import { eventually, openPlane, operator } from "./control-plane.ts";
import { film, report, routesNow, tell } from "./routes-rig.ts";

const router = "127.0.0.61";
const viewer = "198.51.100.7";

test("[BG111] [BG112] an ISP's router withdraws a prefix, falls silent and comes back: new plays follow", {
  skip: missingBird,
}, async (t) => {
  const home = await mkdtemp(join(tmpdir(), "millrace-routes-bird-"));
  t.after(() => rm(home, { recursive: true, force: true }));
  const plane = await openPlane(home);
  t.after(() => plane.close());
  await plane.control.publishTitle(smallTitle(film));
  const { url } = plane.control;
  const token = (await openSecrets(plane.secretsPath)).applianceToken;
  const page = client(url);
  await page.signIn(operator.email, operator.password);

  const source = new SpeakerSource(60_000);
  const peers = plansOf([{ address: router, as: 64_500, site: "isp-a" }], { staleMs: 3000 });
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
  const feed = tell({ url, token, id: "a1", source });
  t.after(() => feed.stop());

  const until = (what: string, first: string): Promise<void> =>
    eventually(`${what}: ${first}`, async () => {
      for (const id of ["a1", "a2", "x1"]) await report(url, token, id);
      return plane.control.steeringFor(viewer, film)?.ranked[0]?.siteId === first;
    });
  const box = async () => (await routesNow(page)).appliances.find(({ id }) => id === "a1");
  const kept = "203.0.113.0/24 { bgp_med = 5; }";
  const wanted = "198.51.100.0/24";
  const bird = await startBird(t, {
    ...{ address: router, port: await freePort(router), as: 64_500, peerPort: speaker.port },
    v4: [kept, wanted],
    v6: ["2001:db8:1::/48"],
  });
  await until("announced", "isp-a");
  await eventually("all is told", async () => {
    const { prefixes, state } = (await box()) ?? {};
    return state === "live" && prefixes?.v4 === 2 && prefixes.v6 === 1;
  });
  const begun = performance.now();
  bird.reconfigure({ v4: [kept] });
  await until("withdrawn", "ix");
  t.diagnostic(`${Math.round(performance.now() - begun)} ms from birdc to the first other answer`);
  bird.reconfigure({ v4: [kept, wanted] });
  await until("announced again", "isp-a");
  await bird.kill();
  await eventually("stale", async () => (await box())?.stalePrefixes === 3);
  assert.equal(plane.control.steeringFor(viewer, film)?.ranked[0]?.siteId, "isp-a", "stale routes count");
  await until("given up", "ix");
  await bird.start();
  await until("back", "isp-a");
});
