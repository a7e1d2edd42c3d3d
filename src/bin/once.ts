// The whole river without a person: a real browser signs in, plays the film to its end, and on the way one appliance dies.
import type { Page } from "playwright-core";
import { z } from "zod";
import { openBrowser } from "#io/browser.ts";
import { Fault } from "#units/fault.ts";
import { onceFaults } from "./once-faults.ts";

export interface OnceOrder {
  readonly chromium: string;
  readonly url: string;
  readonly email: string;
  readonly password: string;
  readonly titleId: string;
  readonly durationSeconds: number;
  readonly killAppliance: (id: string) => Promise<void>;
  readonly onNote: (text: string) => void;
  readonly screenshot: string | undefined;
  readonly signal: AbortSignal;
}

/** What the player page says about itself: `window.__millrace.state()`. */
const playerState = z.object({
  startupMs: z.number(),
  stalls: z.number(),
  stallSeconds: z.number(),
  switches: z.number(),
  positionMs: z.number(),
  durationMs: z.number(),
  ended: z.boolean(),
  failed: z.string().nullable(),
  meanHeight: z.number(),
  /** Source of every video segment so far, in order of arrival. */
  segmentSources: z.array(z.string()),
  appliancesUsed: z.array(z.string()),
});
type PlayerState = z.infer<typeof playerState>;

export interface Playback {
  readonly played: boolean;
  readonly startupMs: number;
  readonly stalls: number;
  readonly stallSeconds: number;
  readonly switches: number;
  readonly meanHeight: number;
  readonly appliancesUsed: readonly string[];
  readonly killed: string;
  /** The film was so short that it had to be played a second time, without the killed box. */
  readonly playedAgain: boolean;
  /** Video segments that other sources served after the kill. */
  readonly segmentsAfterKill: number;
  readonly survivedKill: boolean;
}

const pollMs = 250;
const stepMs = 20_000;
/** Film seconds after which the appliance is killed: early, because the player holds up to half the film ready. */
const killAfterSeconds = 1;
/** Share of the film at which the screenshot is taken, the drawer open. */
const pictureAt = 0.6;

/**
 * Plays the title once from sign-in to its end.
 *
 * @throws Fault when the page does not work, the film does not end in time, or the kill came too late to test anything
 */
export async function playOnce(order: OnceOrder): Promise<Playback> {
  const browser = await openBrowser(order.chromium);
  // Whatever is waited for in the page ends with it.
  const onAbort = (): void => void browser.close();
  order.signal.addEventListener("abort", onAbort, { once: true });
  try {
    const page = browser.context.pages()[0] ?? (await browser.context.newPage());
    page.setDefaultTimeout(stepMs);
    await signIn(page, order);
    await page.goto(watchUrl(order));
    return await watch(page, order);
  } catch (error) {
    order.signal.throwIfAborted();
    throw error;
  } finally {
    order.signal.removeEventListener("abort", onAbort);
    await browser.close();
  }
}

async function signIn(page: Page, order: OnceOrder): Promise<void> {
  await page.goto(order.url);
  await page.getByLabel("Email").fill(order.email);
  await page.getByLabel("Password").fill(order.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation").first().waitFor();
}

/** What was done to the box, and how many video segments had arrived by then. */
interface Kill {
  readonly id: string;
  readonly before: number;
}

/**
 * Plays, kills, and plays on. When nothing was left to fetch (a film shorter than what a player holds ready), the film
 * is played once more without the box, so that failover is shown in any case.
 */
async function watch(page: Page, order: OnceOrder): Promise<Playback> {
  let kill: Kill | undefined;
  let pictured = false;
  const first = await follow(page, order, async (state) => {
    if (kill === undefined && state.positionMs >= killAfterSeconds * 1000)
      kill = await killOne(page, order, state);
    if (pictured || state.positionMs < pictureAt * order.durationSeconds * 1000) return;
    pictured = true;
    if (order.screenshot !== undefined) await page.screenshot({ path: order.screenshot });
  });
  if (kill === undefined)
    throw new Fault(onceFaults.noAppliance, { source: first.segmentSources.at(-1) ?? "nobody" });
  const after = first.segmentSources.slice(kill.before);
  if (after.some((id) => id !== kill?.id)) return result(first, kill, after, false);
  order.onNote(`everything had been fetched before ${kill.id} died: playing once more without it`);
  await page.goto(watchUrl(order));
  const second = await follow(page, order, async () => undefined);
  return result(first, kill, second.segmentSources, true);
}

/** Ends the appliance that sent the last segment. Where that was the origin, the next segment may come from one. */
async function killOne(page: Page, order: OnceOrder, state: PlayerState): Promise<Kill | undefined> {
  const id = state.segmentSources.at(-1) ?? "";
  if (id === "" || id === "origin") return undefined;
  await order.killAppliance(id);
  order.onNote(`killed ${id} at ${(state.positionMs / 1000).toFixed(1)} s`);
  await page.keyboard.press("i");
  return { id, before: state.segmentSources.length };
}

/** Looks at the player until the film has ended, and says so; or throws when it fails or takes too long. */
async function follow(
  page: Page,
  order: OnceOrder,
  onState: (state: PlayerState) => Promise<void>,
): Promise<PlayerState> {
  const deadline = performance.now() + (order.durationSeconds * 2 + 60) * 1000;
  for (;;) {
    order.signal.throwIfAborted();
    const state = await readState(page);
    if (state?.failed) throw new Fault(onceFaults.playbackFailed, { reason: state.failed });
    if (state !== undefined) await onState(state);
    if (state?.ended) return state;
    if (performance.now() > deadline) {
      throw new Fault(onceFaults.tooLong, {
        position: ((state?.positionMs ?? 0) / 1000).toFixed(1),
        duration: order.durationSeconds,
      });
    }
    await page.waitForTimeout(pollMs);
  }
}

/** Without `from` the page would ask whether to resume, and nobody is here to answer. */
function watchUrl(order: OnceOrder): string {
  return `${order.url}/watch/${order.titleId}?from=beginning`;
}

async function readState(page: Page): Promise<PlayerState | undefined> {
  const raw: unknown = await page.evaluate(
    "window.__millrace === undefined ? null : window.__millrace.state()",
  );
  return raw === null ? undefined : playerState.parse(raw);
}

/** `after`: sources of the video segments that arrived when the box was gone. The figures are those of the first play. */
function result(state: PlayerState, kill: Kill, after: readonly string[], playedAgain: boolean): Playback {
  const elsewhere = after.filter((id) => id !== kill.id);
  return {
    played: true,
    startupMs: Math.round(state.startupMs),
    stalls: state.stalls,
    stallSeconds: state.stallSeconds,
    switches: state.switches,
    meanHeight: Math.round(state.meanHeight),
    appliancesUsed: [...new Set([...state.appliancesUsed, ...elsewhere])],
    killed: kill.id,
    playedAgain,
    segmentsAfterKill: elsewhere.length,
    survivedKill: elsewhere.length > 0,
  };
}
