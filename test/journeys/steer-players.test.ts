// Shaka Player, hls.js and dash.js as they come, side by side in a real browser, steered between three real appliances of which
// one is saturated, drained and killed.
import assert from "node:assert/strict";
import { access } from "node:fs/promises";
import { type TestContext, test } from "node:test";
import { type Browser, openBrowser } from "#io/browser.ts";
import type { PlayerName } from "#test/fixtures/players/decks.ts";
import type { Fared } from "#test/fixtures/players/steer.ts";
import { atEnd, missing, until } from "./edge-rig.ts";
import { serveFilms } from "./pack-players-server.ts";
import { type BoxName, boxes, openSteerRiver, type SteerRiver } from "./steer-river.ts";

const browserPath = process.env.MILLRACE_CHROMIUM ?? "/usr/bin/chromium";
/** hls.js comes back to a pathway that failed after five minutes, and only then. */
const isLong = process.env.MILLRACE_TEST_LONG === "1";
const filmSeconds = isLong ? 480 : 120;
const ahead = 6;

interface Show {
  readonly name: string;
  readonly player: PlayerName;
  readonly kind: "hls" | "dash";
}

const shows: readonly Show[] = [
  { name: "Shaka on HLS", player: "shaka", kind: "hls" },
  { name: "Shaka on DASH", player: "shaka", kind: "dash" },
  { name: "hls.js", player: "hls.js", kind: "hls" },
  { name: "dash.js", player: "dash.js", kind: "dash" },
];

const late: readonly Show[] = [
  { name: "late Shaka on HLS", player: "shaka", kind: "hls" },
  { name: "late hls.js", player: "hls.js", kind: "hls" },
];

/** A segment that a player got whole, and from which appliance. */
interface Served {
  readonly show: string;
  readonly box: BoxName | "elsewhere";
  readonly path: string;
}

async function firstMissing(): Promise<string | undefined> {
  if (missing !== false) return missing;
  for (const path of [browserPath, "/usr/bin/ffmpeg"]) {
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (!there) return `${path} is missing`;
  }
  return undefined;
}

interface Stage {
  readonly served: readonly Served[];
  begin(show: Show): Promise<void>;
  look(): Promise<readonly Fared[]>;
  /** Waits until every named player got a segment from this appliance that it asked for after now. */
  allOn(box: BoxName, names?: readonly string[], deadlineMs?: number): Promise<void>;
}

async function openStage(t: TestContext, river: SteerRiver): Promise<Stage> {
  const server = await serveFilms();
  atEnd(t, () => server.close());
  const browser: Browser = await openBrowser(browserPath);
  atEnd(t, () => browser.close());
  const page = browser.context.pages()[0] ?? (await browser.context.newPage());
  const sessions = new Map<string, string>();
  const served: Served[] = [];
  page.on("requestfinished", (request) => {
    const url = new URL(request.url());
    const [, , , session = "", , , , ...path] = url.pathname.split("/");
    const show = sessions.get(session);
    if (show === undefined || !url.pathname.endsWith(".m4s")) return;
    const box = boxes.find((name) => river.listens[name] === url.host) ?? "elsewhere";
    served.push({ show, box, path: path.join("/") });
  });
  await page.goto(`${server.url}/page/steer.html`);
  await page.waitForFunction(() => window.steered !== undefined);
  const begin = async ({ name, player, kind }: Show): Promise<void> => {
    const play = await (await river.device()).play(river.filmId, "here");
    sessions.set(play.sessionId, name);
    const manifest = `${river.control.url}${play.steered?.[kind]}`;
    await page.evaluate((order) => window.steered.begin(order), { name, player, manifest, ahead });
  };
  const look = (): Promise<readonly Fared[]> => page.evaluate(() => window.steered.look());
  return {
    served,
    begin,
    look,
    async allOn(box, names = shows.map(({ name }) => name), deadlineMs = 45_000) {
      const from = served.length;
      const news = (): readonly Served[] => served.slice(from);
      const done = () => names.every((name) => news().some((one) => one.show === name && one.box === box));
      await until(`everyone on ${box}`, done, deadlineMs).catch(async (error: unknown) => {
        const seen = news().map(({ show, box: at, path }) => `${show}: ${path} from ${at}`);
        throw new Error(`${error}\n${seen.join("\n")}\n${JSON.stringify(await look())}`);
      });
    },
  };
}

test("[CO87] players of others play on when their appliance is saturated, drained or killed, and return when it is well", {
  timeout: isLong ? 600_000 : 300_000,
}, async (t) => {
  const skip = await firstMissing();
  if (skip !== undefined) return t.skip(skip);
  const river = await openSteerRiver(t, filmSeconds);
  const stage = await openStage(t, river);
  const undisturbed = async (when: string): Promise<void> => {
    for (const { name, stalls, trouble } of await stage.look()) {
      assert.deepEqual({ name, stalls, trouble, when }, { name, stalls: 0, trouble: [], when });
    }
  };
  for (const show of shows) await stage.begin(show);
  await stage.allOn("near");

  const load = stage.served.find(({ path }) => path.startsWith("v270-1/") || path.startsWith("v180-1/"));
  const play = await (await river.device()).play(river.filmId, "here");
  const folder = play.sources["v270-1"]?.[0]?.baseUrl ?? "";
  assert.ok(load !== undefined && folder.startsWith(`http://${river.listens.near}/`));
  const calm = river.saturate("near", `${new URL(folder).pathname}1.m4s`);
  await stage.allOn("middle");
  await undisturbed("saturated");
  await calm();
  await stage.allOn("near");
  await undisturbed("well again");

  const drained = await river.operator.post("/v1/ops/appliances/near/drain", {});
  assert.equal(drained.status, 204, JSON.stringify(drained.body));
  const before = stage.served.length;
  await stage.allOn("near");
  await stage.allOn("near");
  const strays = stage.served.slice(before).filter(({ box }) => box !== "near");
  assert.deepEqual(strays, [], "who is on a draining appliance stays");
  const fresh = await (await river.device()).play(river.filmId, "here");
  const { body } = await river.viewer.get(fresh.steered?.hls ?? "");
  assert.match(String(body), /#EXT-X-CONTENT-STEERING/);
  assert.doesNotMatch(String(body), /PATHWAY-ID="near"/);
  assert.equal((await river.operator.post("/v1/ops/appliances/near/undrain", {})).status, 204);

  await river.kill("near");
  await stage.allOn("middle");
  await undisturbed("killed");
  // Whoever begins now has a manifest that does not name it, and can come to it as a clone only. The built Shaka Player 5.2.12
  // knows no clones: it is to stay where it is, and undisturbed.
  for (const show of late) await stage.begin(show);
  await river.start("near");
  await stage.allOn("near", ["dash.js", "late hls.js"]);
  await undisturbed("alive again");
  if (isLong) {
    await stage.allOn("near", undefined, 400_000);
    await undisturbed("five minutes later");
  }
  t.diagnostic(JSON.stringify(await stage.look()));
});
