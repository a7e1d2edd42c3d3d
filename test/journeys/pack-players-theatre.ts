// One browser and one page in which packages are shown, and the checks that are run on each player: every check answers with
// what is wrong, so that a damaged package can be asked for as well as a good one.
import type { Page } from "playwright-core";
import { type Browser, openBrowser } from "#io/browser.ts";
import type { PlayerName } from "#test/fixtures/players/decks.ts";
import { flashEvery, timeOf } from "#test/fixtures/players/marks.ts";
import type { Shown, Turn } from "#test/fixtures/players/stage.ts";
import { seededRandom } from "#units/random.ts";
import * as judge from "./pack-players-judge.ts";
import type { Package } from "./pack-players-package.ts";
import { type FilmServer, serveFilms } from "./pack-players-server.ts";

export interface Showing {
  readonly player: PlayerName;
  readonly manifest: string;
}

export const shakaDash: Showing = { player: "shaka", manifest: "dash/manifest.mpd" };
export const shakaHls: Showing = { player: "shaka", manifest: "hls/master.m3u8" };
export const hls: Showing = { player: "hls.js", manifest: "hls/master.m3u8" };
export const dash: Showing = { player: "dash.js", manifest: "dash/manifest.mpd" };

/** A film on a player: `url` is where its folder is served. */
export interface Show extends Showing {
  readonly film: Package;
  readonly url: string;
  /** How long the page waits for anything. */
  readonly patienceMs: number;
}

export interface Theatre {
  readonly page: Page;
  readonly server: FilmServer;
  /** Requests that left the machine, and errors of the page. */
  readonly foreign: string[];
  close(): Promise<void>;
}

const wholeFilm = 600;
/** So little is fetched ahead that a player stands still when the next rung is chosen. */
const justAhead = 1;

export async function openTheatre(browserPath: string): Promise<Theatre> {
  const server = await serveFilms();
  try {
    return await openPage(server, await openBrowser(browserPath));
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function openPage(server: FilmServer, browser: Browser): Promise<Theatre> {
  const foreign: string[] = [];
  try {
    const page = browser.context.pages()[0] ?? (await browser.context.newPage());
    page.on("pageerror", (error) => foreign.push(String(error)));
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(server.url) && !/^(blob|data):/.test(url)) foreign.push(url);
    });
    await page.goto(`${server.url}/page/index.html`);
    await page.waitForFunction(() => window.stage !== undefined);
    const close = async (): Promise<void> => {
      await browser.close();
      await server.close();
    };
    return { page, server, foreign, close };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** What of these types the browser does not play. */
export async function unsupported(page: Page, types: readonly string[]): Promise<readonly string[]> {
  return page.evaluate((all) => all.filter((type) => !window.stage.supports(type)), types);
}

interface Start {
  readonly rung?: number;
  readonly from?: number;
  readonly ahead?: number;
  readonly turns?: readonly Turn[];
}

async function open(page: Page, show: Show, start: Start = {}): Promise<readonly string[]> {
  const { rung = 0, from = 0, ahead = wholeFilm, turns = [] } = start;
  const { player, manifest, film, url, patienceMs } = show;
  const rateBps = film.rungs[rung]?.rateBps ?? 0;
  const order = { player, manifest: `${url}/${manifest}`, rung, rateBps, from, ahead, patienceMs };
  const found = await page.evaluate(([what, when]) => window.stage.open(what, when), [order, turns] as const);
  return found === film.rungs.length ? [] : [`${player} sees ${found} rungs of ${film.rungs.length}`];
}

/** A check that stops on the way has found something, too. */
async function checked(page: Page, check: () => Promise<readonly string[]>): Promise<readonly string[]> {
  const wrong = await check().catch((error: unknown) => [String(error)]);
  return [...wrong, ...(await page.evaluate(() => window.stage.complaints()))];
}

/** One rung from the film's first byte to its last, and played over two boundaries: cheap rungs over the first two. */
export function playsRung({ page }: Theatre, show: Show, rung: number): Promise<readonly string[]> {
  return checked(page, async () => {
    const { film } = show;
    const wrong = [...(await open(page, show, { rung }))];
    const waited = await page
      .evaluate((end) => window.stage.fetched(end), nearEnd(film))
      .catch((error: unknown) => wrong.push(String(error)));
    wrong.push(...judge.gaps(await page.evaluate(() => window.stage.buffered()), film));
    if (waited !== undefined) return wrong;
    const crossed = rung % 2 === 0 ? film.boundaries.slice(0, 2) : film.boundaries.slice(-2);
    const [from, until] = [timeOf((crossed[0] ?? 0) - 8), timeOf((crossed.at(-1) ?? 0) + 8)];
    await page.evaluate((time) => window.stage.seek(time), from);
    const shown = await page.evaluate((time) => window.stage.play(time, 6), until);
    const all = upAndDown(film).map(() => film.rungs[rung]?.id ?? "");
    return [
      ...wrong,
      ...judge.wrongFrames(shown, film.rungs[rung]),
      ...judge.notCrossed(shown, crossed),
      ...judge.notTaken(await page.evaluate(() => window.stage.taken()), all, film),
    ];
  });
}

/**
 * From the film's start to its end with another rung at every boundary, up and down in turn. `path` is what the player is told; what
 * it must have done is always to change everywhere.
 */
export function switchesEverywhere(
  { page }: Theatre,
  show: Show,
  path = upAndDown(show.film),
): Promise<readonly string[]> {
  return checked(page, async () => {
    const { film } = show;
    const wanted = upAndDown(film).map((rung) => film.rungs[rung]?.id ?? "");
    const turns = film.boundaries.map((_, index) => ({
      after: timeOf(film.boundaries[index - 1] ?? 0),
      rung: path[index + 1] ?? 0,
    }));
    const wrong = [...(await open(page, show, { rung: path[0] ?? 0, ahead: justAhead, turns }))];
    // Three times as fast as it is meant: at six times a busy machine may not show one frame of a whole segment.
    const shown = await page.evaluate(() => window.stage.play(undefined, 3));
    const ended = await page.evaluate(() => window.stage.ended());
    const last = (film.frames - 0.5) * timeOf(1);
    const landing = await page.evaluate((time) => window.stage.seek(time), last);
    return [
      ...wrong,
      ...judge.wrongFrames(shown),
      ...judge.notCrossed(shown, film.boundaries),
      ...judge.notTaken(await page.evaluate(() => window.stage.taken()), wanted, film),
      ...judge.gaps(await page.evaluate(() => window.stage.buffered()), film),
      ...(ended ? [] : ["the film did not end"]),
      ...judge.wrongLanding(last, landing, 0),
    ];
  });
}

/** The dearest rung and a cheap one in turn, each cheap one another. */
function upAndDown({ boundaries, rungs }: Package): readonly number[] {
  const top = rungs.length - 1;
  return Array.from({ length: boundaries.length + 1 }, (_, n) => (n % 2 === 1 ? top : (n / 2) % top));
}

/** Within the last segment, so that all of it is there when this is: what is wrong with its last frames is for the judge. */
const nearEnd = ({ frames }: Package): number => timeOf(frames - 5);

/** Half a frame before each boundary, at it, in its first frame and in its second; then anywhere. */
function places({ boundaries, frames }: Package): readonly number[] {
  const chance = seededRandom(frames);
  const anywhere = Array.from({ length: 6 }, () => chance.next() * (frames - 1));
  return [...boundaries.flatMap((frame) => [frame - 0.5, frame, frame + 0.5, frame + 1.5]), ...anywhere];
}

async function land(page: Page, frames: readonly number[], within: 0 | 1): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const frame of frames) {
    const to = timeOf(frame);
    const landing = await page.evaluate((time) => window.stage.seek(time), to);
    wrong.push(...judge.wrongLanding(to, landing, within));
  }
  return wrong;
}

/**
 * Seeks while hardly anything is there, so that each makes the player fetch.
 *
 * They go forward. Backwards, a place less than two frames before what is buffered counts as buffered in Chromium, which then shows
 * the neighbour or stands still when the right segment comes after all; and dash.js may never fetch what follows the last frame before a
 * hole. Both happen as often with the package of ffmpeg's DASH muxer, and hls.js's issue 6511 tells of the same.
 */
export function seeksWhileFetching({ page }: Theatre, show: Show, rung: number): Promise<readonly string[]> {
  return checked(page, async () => {
    const wrong = await open(page, show, { rung, ahead: justAhead });
    return [...wrong, ...(await land(page, places(show.film), 1))];
  });
}

/** Seeks in the film as a whole, from the last boundary to the first: each frame must be the very one. */
export function seeksRight({ page }: Theatre, show: Show, rung: number): Promise<readonly string[]> {
  return checked(page, async () => {
    const wrong = await open(page, show, { rung });
    await page.evaluate((end) => window.stage.fetched(end), nearEnd(show.film));
    return [...wrong, ...(await land(page, places(show.film).toReversed(), 0))];
  });
}

export interface Step {
  readonly wrong: readonly string[];
  /** Click minus flash at each place, seconds. */
  readonly drifts: readonly number[];
}

/** Whether sound and picture go together in the film that is open: near its start, in the middle, and near its end. */
export async function inStep({ page }: Theatre, { film }: Show): Promise<Step> {
  const last = Math.floor((film.frames - 1) / flashEvery);
  const drifts: number[] = [];
  const wrong = await checked(page, async () => {
    const flashes: Shown[] = [];
    for (const nth of [last, 1, Math.ceil(last / 2)]) {
      const to = timeOf(nth * flashEvery + 0.5);
      flashes.push((await page.evaluate((time) => window.stage.seek(time), to)).shown);
    }
    const clicks = (await page.evaluate(() => window.stage.clicks())).map(({ time }) => time);
    for (const { mediaTime } of flashes) {
      const near = clicks.map((click) => click - mediaTime).filter((apart) => Math.abs(apart) < 0.5);
      drifts.push(...near);
    }
    return judge.outOfStep(flashes, clicks);
  });
  return { wrong, drifts };
}

/** As `inStep`, for a film that is not open yet. */
export async function inStepFromStart(theatre: Theatre, show: Show): Promise<readonly string[]> {
  const wrong = await checked(theatre.page, () => open(theatre.page, show));
  return wrong.length > 0 ? wrong : (await inStep(theatre, show)).wrong;
}

/** The seek bar's pictures of the manifest, or of the WebVTT file. */
export function showsTiles(
  { page }: Theatre,
  show: Show,
  from: "manifest" | "vtt",
): Promise<readonly string[]> {
  return checked(page, async () => {
    const wrong = await open(page, show);
    const vtt = from === "vtt" ? `${show.url}/package/storyboard.vtt` : undefined;
    const tiles = await page.evaluate((url) => window.stage.tiles(url), vtt);
    return [...wrong, ...judge.wrongTiles(tiles, show.film)];
  });
}
