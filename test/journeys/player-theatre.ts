// What the player's journeys have in common: a film, the built page, two appliances, a control plane, and a real browser.
import assert from "node:assert/strict";
import { access, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { keptBuild, pageSources } from "#test/fixtures/kept-build.ts";
import type { PlayAnswer, PlayBody } from "#wire/viewer.ts";
import { type Film, makeFilm } from "./player-film.ts";
import {
  answerFor,
  type Mood,
  startAppliance,
  startControl,
  type TestAppliance,
  type TestControl,
} from "./player-servers.ts";

const browserPath = process.env.MILLRACE_CHROMIUM ?? "/usr/bin/chromium";
export const filmSeconds = 16;
export const segments = filmSeconds / 2;
/** A little more than the top rung needs, so that the film is still being fetched when the appliance dies. */
const usualBytesPerSecond = 130_000;
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];
/** How long anything on a page may take; a machine under load takes long. */
const waitMs = 120_000;

export interface Theatre {
  /** What this machine lacks, for the skipped tests to name. */
  readonly missing: string | undefined;
  readonly folder: string;
  readonly film: Film | undefined;
  /** One browser for all plays, opened when the first needs it. */
  browser(): Promise<BrowserContext>;
  close(): Promise<void>;
}

export async function openTheatre(filmIn: (folder: string) => Promise<Film> = usualFilm): Promise<Theatre> {
  const missing = await firstMissing([browserPath, "/usr/bin/ffmpeg"]);
  if (missing !== undefined) {
    const browser = (): Promise<BrowserContext> => Promise.reject(new Error(missing));
    return { missing, folder: "", film: undefined, browser, close: () => Promise.resolve() };
  }
  const folder = await mkdtemp(join(tmpdir(), "millrace-player-"));
  const film = await filmIn(join(folder, "film"));
  await symlink(await keptBuild("player", pageSources, buildPage), join(folder, "page"));
  let opened: Promise<BrowserContext> | undefined;
  return {
    missing,
    folder,
    film,
    browser: () => {
      opened ??= openContext(folder);
      return opened;
    },
    close: async () => {
      await (await opened)?.close();
      // A browser that is closed goes on writing into its profile for a moment.
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

/** None of its readers writes to it. */
async function usualFilm(): Promise<Film> {
  const name = `film-${filmSeconds}`;
  const folder = await keptBuild(name, ["test/journeys/player-film.ts"], async (fresh) => {
    await makeFilm(fresh, filmSeconds, new AbortController().signal);
  });
  return { folder, sidecar: JSON.parse(await readFile(join(folder, "sidecar.json"), "utf8")) };
}

async function buildPage(outDir: string): Promise<void> {
  await build({
    root: resolve("test/fixtures/player"),
    configFile: resolve("web/vite.config.ts"),
    logLevel: "error",
    build: { outDir, emptyOutDir: true },
  });
}

async function firstMissing(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (!there) return `${path} is missing`;
  }
  return undefined;
}

export interface Stage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly first: TestAppliance;
  readonly second: TestAppliance;
  readonly control: TestControl;
  readonly complaints: string[];
}

export interface StageOrder {
  readonly resumeMs?: number;
  readonly beforeFirst?: (path: string, appliance: { kill(): void }) => void;
  /** A file that the first appliance holds one byte too long. */
  readonly spoilt?: string;
  /** Both appliances are gone. */
  readonly dead?: boolean;
  readonly firstMood?: (url: string) => Mood;
  readonly secondMood?: (url: string) => Mood;
  /** Put on every answer of both. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Pace of each answer of both. */
  readonly bytesPerSecond?: number | (() => number);
  /** What control answers, when not "north-a1 first" whatever is asked. */
  readonly answer?: (wish: PlayBody, urls: Urls) => PlayAnswer;
}

export interface Urls {
  readonly first: string;
  readonly second: string;
}

/** As seen from the south, the exchange is nearer. */
function northFirst(film: Film, wish: PlayBody, { first, second }: Urls): PlayAnswer {
  if (wish.viewpoint === "south") return answerFor(film, { "exchange-b1": second, "north-a1": first });
  return answerFor(film, { "north-a1": first, "exchange-b1": second });
}

/** Runs `act` with everything up, and leaves nothing behind. */
export async function onStage(
  { film, folder, browser }: Theatre,
  order: StageOrder,
  act: (stage: Stage) => Promise<void>,
): Promise<void> {
  assert.ok(film);
  const { bytesPerSecond = usualBytesPerSecond } = order;
  const first = await startAppliance({
    film,
    bytesPerSecond,
    before: order.beforeFirst,
    spoilt: order.spoilt,
    mood: order.firstMood,
    headers: order.headers,
  });
  const second = await startAppliance({
    film,
    bytesPerSecond,
    mood: order.secondMood,
    headers: order.headers,
  });
  if (order.dead === true) for (const appliance of [first, second]) appliance.kill();
  const resume =
    order.resumeMs === undefined
      ? null
      : { titleId: "sample", positionMs: order.resumeMs, durationMs: filmSeconds * 1000 };
  const answerOf = order.answer ?? ((wish: PlayBody, urls: Urls) => northFirst(film, wish, urls));
  const control = await startControl({
    page: join(folder, "page"),
    answer: (wish) => ({ ...answerOf(wish, { first: first.url, second: second.url }), resume }),
  });
  const context = await browser();
  const page = await context.newPage();
  try {
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(control.url);
    await act({ page, context, first, second, control, complaints }).catch(async (error: unknown) => {
      const seen = JSON.stringify({ state: await stateOf(page), video: await videoOf(page), complaints });
      throw new Error(`${error}\n${seen}\n${JSON.stringify([first.asked, second.asked])}`, { cause: error });
    });
  } finally {
    await context.setOffline(false);
    await page.close();
    await Promise.all([first.close(), second.close(), control.close()]);
  }
}

async function openContext(folder: string): Promise<BrowserContext> {
  const profile = await mkdtemp(join(folder, "profile-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: browserPath,
    args: flags,
    viewport: { width: 1280, height: 800 },
    timeout: waitMs,
  });
  context.setDefaultTimeout(waitMs);
  return context;
}

export const stateOf = (page: Page) => page.evaluate(() => window.__millrace?.state());

/** What the film's element says of itself. */
const videoOf = (page: Page) =>
  page.evaluate(() => {
    const video = document.querySelector("video");
    if (video === null) return "no video";
    const { currentTime, paused, readyState, playbackRate, seeking, buffered } = video;
    const ranges = Array.from({ length: buffered.length }, (_, i) => [buffered.start(i), buffered.end(i)]);
    return { currentTime, paused, readyState, playbackRate, seeking, ranges };
  });

export const playsTo = (page: Page, positionMs: number) =>
  page.waitForFunction((wanted) => (window.__millrace?.state().positionMs ?? 0) > wanted, positionMs);

export const ends = (page: Page) => page.waitForFunction(() => window.__millrace?.state().ended === true);

export const speedUp = (page: Page, rate: number) =>
  page.evaluate((wanted) => {
    const video = document.querySelector("video");
    if (video !== null) video.playbackRate = wanted;
  }, rate);

/** Every segment was fetched. */
export const arrived = (page: Page) =>
  page.waitForFunction(
    (count) => (window.__millrace?.state().segmentSources.length ?? 0) >= count,
    allSegments.length,
  );

export const notesOf = async (page: Page): Promise<string> => (await stateOf(page))?.notes.join("\n") ?? "";

export async function eventually(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + waitMs;
  while (!holds()) {
    assert.ok(performance.now() < end, `not within ${waitMs / 1000} s: ${what}`);
    await rest(50);
  }
}

/** Video segments that were handed over whole, by number, in the order in which they were done. */
export function videoSegments(appliance: TestAppliance): readonly number[] {
  return appliance.asked
    .filter((asked) => asked.whole)
    .map((asked) => /^v\d+-\d+\/(\d+)\.m4s$/.exec(asked.path)?.[1])
    .filter((number) => number !== undefined)
    .map(Number);
}

export const allSegments = Array.from({ length: segments }, (_, i) => i + 1);
