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
    // Without `from` the page would ask whether to resume, and nobody is here to answer.
    await page.goto(`${order.url}/watch/${order.titleId}?from=beginning`);
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

async function watch(page: Page, order: OnceOrder): Promise<Playback> {
  const deadline = performance.now() + (order.durationSeconds * 2 + 60) * 1000;
  let killed = "";
  let before = 0;
  let pictured = false;
  for (;;) {
    order.signal.throwIfAborted();
    const state = await readState(page);
    if (state?.failed) throw new Fault(onceFaults.playbackFailed, { reason: state.failed });
    if (state !== undefined && killed === "" && state.positionMs >= killAfterSeconds * 1000) {
      killed = state.segmentSources.at(-1) ?? "";
      before = state.segmentSources.length;
      if (killed === "" || killed === "origin")
        throw new Fault(onceFaults.noAppliance, { source: killed || "nobody" });
      await order.killAppliance(killed);
      order.onNote(`killed ${killed} at ${(state.positionMs / 1000).toFixed(1)} s`);
      await page.keyboard.press("i");
    }
    if (state !== undefined && !pictured && state.positionMs >= pictureAt * order.durationSeconds * 1000) {
      pictured = true;
      if (order.screenshot !== undefined) await page.screenshot({ path: order.screenshot });
    }
    if (state?.ended) return result(state, killed, before);
    if (performance.now() > deadline) {
      throw new Fault(onceFaults.tooLong, {
        position: ((state?.positionMs ?? 0) / 1000).toFixed(1),
        duration: order.durationSeconds,
      });
    }
    await page.waitForTimeout(pollMs);
  }
}

async function readState(page: Page): Promise<PlayerState | undefined> {
  const raw: unknown = await page.evaluate(
    "window.__millrace === undefined ? null : window.__millrace.state()",
  );
  return raw === null ? undefined : playerState.parse(raw);
}

function result(state: PlayerState, killed: string, before: number): Playback {
  const after = state.segmentSources.slice(before);
  const elsewhere = after.filter((id) => id !== killed);
  return {
    played: true,
    startupMs: Math.round(state.startupMs),
    stalls: state.stalls,
    stallSeconds: state.stallSeconds,
    switches: state.switches,
    meanHeight: Math.round(state.meanHeight),
    appliancesUsed: state.appliancesUsed,
    killed,
    segmentsAfterKill: elsewhere.length,
    survivedKill: killed !== "" && elsewhere.length > 0,
  };
}
