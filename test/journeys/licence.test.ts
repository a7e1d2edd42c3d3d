// Encrypted films in real Chromium through a control plane: they play with keys that a live screen is given, stop with the screen, and
// show no rung above the plan. Other people's players find the licence address in their manifest.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import type { StoredTitle } from "#data/ports.ts";
import type { ContentKey, KeyLabel } from "#model/content-key.ts";
import { packTitle } from "#pack/io/pack-title.ts";
import { titleId } from "#units/id.ts";
import { sidecar } from "#wire/sidecar.ts";
import { playAnswer } from "#wire/viewer.ts";
import { signal, tools, why } from "./encode-run.ts";
import type { Film } from "./player-film.ts";
import { openStage } from "./player-stage.ts";
import { openTheatre, playsTo, speedUp, stateOf, type Theatre } from "./player-theatre.ts";
import { makeFilm } from "./protect-film.ts";
import { protect } from "./protect-rig.ts";
import { openScreensTheatre } from "./screens-theatre.ts";

const lease = { leaseTtlMs: 4000, leaseGraceMs: 1000, leaseRenewMs: 400 };
const url = (hex: string): string => Buffer.from(hex, "hex").toString("base64url");

let theatre: Theatre;
let title: StoredTitle;
let keys: readonly ContentKey[] = [];

before(async () => {
  if (why !== false) return;
  theatre = await openTheatre(encrypted);
});
after(() => theatre?.close());

/** Two rungs, SD and HD, and sound: 8 s. */
async function encrypted(folder: string): Promise<Film> {
  const protection = await protect({ keys: "new", out: folder });
  keys = protection.keys;
  const clear = await makeFilm(`${folder}-clear`, signal);
  const packed = await packTitle({
    film: clear,
    titleId: titleId("sample"),
    outDir: folder,
    signal,
    protection,
  });
  title = { id: "sample", name: "Film sample", package: packed, report: {}, publishedAtMs: 1 };
  const index = sidecar.parse(JSON.parse(await readFile(join(folder, "sidecar.json"), "utf8")));
  return { folder, sidecar: index };
}

/** What the page's key sessions were given, and whether they are closed: noted before any script of the page runs. */
async function watchKeys(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const noted = { opened: 0, closed: 0, kids: [] as string[] };
    Object.assign(window, { noted });
    const { update, close } = MediaKeySession.prototype;
    MediaKeySession.prototype.update = function (licence) {
      noted.opened += 1;
      const { keys: given } = JSON.parse(new TextDecoder().decode(licence));
      for (const { kid } of given) noted.kids.push(kid);
      return update.call(this, licence);
    };
    MediaKeySession.prototype.close = function () {
      noted.closed += 1;
      return close.call(this);
    };
  });
}

interface Noted {
  readonly opened: number;
  readonly closed: number;
  readonly kids: readonly string[];
}

const notedOn = (page: Page): Promise<Noted> => page.evaluate(() => Object(window).noted);
const kidOf = (label: KeyLabel): string => url(keys.find((key) => key.label === label)?.kid ?? "");
const framesOn = (page: Page): Promise<number> =>
  page.evaluate(() => document.querySelector("video")?.getVideoPlaybackQuality().totalVideoFrames ?? 0);

test("[CO265] an encrypted film plays with its keys, and stops at once when its screen is taken, its keys closed", async (t) => {
  if (theatre?.film === undefined) return t.skip(theatre?.missing ?? String(why));
  const { film, folder } = theatre;
  const screens = await openScreensTheatre(film, join(folder, "page"), lease, { title, keys });
  const context = await theatre.browser();
  await watchKeys(context);
  const other = await context.browser()?.newContext();
  assert.ok(other !== undefined);
  const first = await screens.open(context);
  t.after(async () => {
    await first.close();
    await other.close();
    await screens.close();
  });
  await playsTo(first, 200);
  await speedUp(first, 0.25);
  const before = await notedOn(first);
  assert.ok(before.opened > 0 && before.closed === 0, JSON.stringify(before));
  assert.ok((await framesOn(first)) > 0);
  const second = await screens.open(other);
  await second.getByRole("button", { name: "Stop Film sample on Unknown device" }).click();
  await first.getByRole("heading", { name: "Another screen took this one over" }).waitFor();
  await first.waitForFunction(() => {
    const { opened, closed } = Object(window).noted;
    return closed === opened && document.querySelector("video")?.readyState === 0;
  });
  const video = () =>
    first.evaluate(() => {
      const { paused, currentTime, readyState, buffered } = document.querySelector("video") ?? {};
      return { paused, currentTime, readyState, ranges: buffered?.length };
    });
  const stopped = await video();
  assert.deepEqual(
    [stopped.paused, stopped.readyState, stopped.ranges],
    [true, 0, 0],
    "nothing is left to play on",
  );
  const after = await notedOn(first);
  assert.equal(after.closed, after.opened);
  await playsTo(second, 200);
  assert.equal((await stateOf(first))?.phase, "taken");
});

test("[CO265] a plan that ends at SD plays SD, and the page never has the HD key", async (t) => {
  if (theatre?.film === undefined) return t.skip(theatre?.missing ?? String(why));
  const { film, folder } = theatre;
  const shown = { title, keys, maxHeight: 576 };
  const screens = await openScreensTheatre(film, join(folder, "page"), lease, shown);
  const page = await screens.open(await theatre.browser());
  t.after(async () => {
    await page.close();
    await screens.close();
  });
  await speedUp(page, 2);
  await playsTo(page, 1500);
  const { kids } = await notedOn(page);
  assert.ok(kids.includes(kidOf("SD")) && kids.includes(kidOf("AUDIO")), kids.join(" "));
  assert.ok(!kids.includes(kidOf("HD")));
  assert.equal(await page.evaluate(() => document.querySelector("video")?.videoHeight), 90);
  assert.equal((await stateOf(page))?.phase, "playing");
});

test("[CO257] Shaka Player on a page of another origin finds the licence address in its steered manifest, and plays", async (t) => {
  if (theatre?.film === undefined || tools.chromium === undefined)
    return t.skip(theatre?.missing ?? String(why));
  const { film, folder } = theatre;
  const screens = await openScreensTheatre(film, join(folder, "page"), lease, { title, keys });
  const stage = await openStage(tools.chromium.path, folder, () => "");
  t.after(async () => {
    await stage.close();
    await screens.close();
  });
  const cookie = await screens.cookie();
  const said = await fetch(`${screens.url}/v1/play`, {
    method: "POST",
    headers: { "content-type": "application/json", cookie },
    body: JSON.stringify({ titleId: "sample" }),
  });
  const { steered } = playAnswer.parse(await said.json());
  const played = await stage.play({
    player: "shaka",
    manifest: `${screens.url}${steered?.dash}`,
    height: 90,
    rate: 6,
  });
  assert.equal(played.why, "ended", JSON.stringify(played));
  assert.ok(played.frames > 10);
});
