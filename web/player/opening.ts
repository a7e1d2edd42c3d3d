// What must be fetched before the first segment: the play answer, the title's index, the pictures of the seek bar.
import { ApiError } from "#web/api.ts";
import { type Sidecar, sidecar } from "#wire/sidecar.ts";
import type { PlayAnswer, PlayBody } from "#wire/viewer.ts";
import { postPlay } from "./client.ts";
import type { ShakaPlayer } from "./shaka.ts";
import { parseStoryboard, type Tile } from "./storyboard.ts";

const mostTries = 4;
const betweenTriesMs = 500;
const perSourceMs = 4000;
/** A source that has not sent the small index by then is probably gone; asking another costs a few kilobytes. */
const patienceMs = 1000;

/** A control plane that is busy, or whose database is away for a moment, is asked again. */
export async function askPlay(body: PlayBody, signal: AbortSignal): Promise<PlayAnswer> {
  for (let tries = 1; ; tries++) {
    try {
      return await postPlay(body, signal);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 503 || tries >= mostTries) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, betweenTriesMs * tries));
    signal.throwIfAborted();
  }
}

/** The sidecar from the first source that has it whole. The next is asked when one failed or is slow to answer. */
export async function fetchSidecar(urls: readonly string[], signal: AbortSignal): Promise<Sidecar> {
  const enough = new AbortController();
  const both = AbortSignal.any([signal, enough.signal]);
  let turn: Promise<unknown> = Promise.resolve();
  const attempts = urls.map((url) => {
    const attempt = turn.then(async () => sidecar.parse(JSON.parse(await textOf(url, both))));
    const failed = new Promise((resolve) => attempt.catch(resolve));
    turn = Promise.race([failed, turn.then(() => new Promise((resolve) => setTimeout(resolve, patienceMs)))]);
    return attempt;
  });
  try {
    return await Promise.any(attempts);
  } catch (error) {
    signal.throwIfAborted();
    throw new ApiError(0, "no-index", "No appliance could send the title's index of segments.", error);
  } finally {
    enough.abort();
  }
}

/** Pictures are a comfort: a film without them plays all the same. */
export async function fetchTiles(url: string, signal: AbortSignal): Promise<readonly Tile[]> {
  try {
    return parseStoryboard(await textOf(url, signal), new URL(url, location.href).href);
  } catch {
    return [];
  }
}

async function textOf(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(perSourceMs)]) });
  if (!response.ok) throw new ApiError(response.status, "refused", `${url} answered ${response.status}`);
  return response.text();
}

/** A film stopped this close to either end is begun anew without asking. */
const notWorthResumingMs = 5000;

/** Undefined: there is nothing to ask. */
export function resumeMsOf({ resume, durationMs }: PlayAnswer): number | undefined {
  const at = resume?.positionMs ?? 0;
  return at > notWorthResumingMs && at < durationMs - notWorthResumingMs ? at : undefined;
}

/** Trouble in the viewer's words: what happened and what may help. */
export function troubleOf(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  const code = shakaCode(error);
  if (code === undefined) return error instanceof Error ? error.message : "Something unexpected went wrong.";
  const category = Math.floor(code / 1000);
  if (category === 1) return "No appliance answers for this film. Look at the connection, then try again.";
  if (category === 3) return `The browser could not decode the film (code ${code}${detailOf(error)}).`;
  if (category === 4) return `The film's manifest could not be read (code ${code}).`;
  if (category === 6)
    return `This browser did not open the encrypted film (code ${code}). Keys need HTTPS, or localhost.`;
  return `The player stopped with code ${code}.`;
}

/** The last thing Shaka tells about an error is what the browser said. */
function detailOf(error: unknown): string {
  const data = typeof error === "object" && error !== null && "data" in error ? error.data : undefined;
  const last: unknown = Array.isArray(data) ? data.at(-1) : undefined;
  return typeof last === "string" && last !== "" ? `: ${last.slice(0, 200)}` : "";
}

/** Codes of Shaka Player: the thousands name the category, 1 is the network. */
export function shakaCode(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "number" ? error.code : undefined;
}

/** Codes of Shaka Player: what the browser holds is full; what it was given cannot be decoded. */
export function browserRefusal(code: number): "full" | "undecodable" | undefined {
  if (code === 3017) return "full";
  return code >= 3014 && code <= 3016 ? "undecodable" : undefined;
}

/** A promise that is awaited later: until then its failure is not an unhandled one. */
export function settled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Without the rungs that this play does not list: those above the account's plan. */
export function listedIn(all: Sidecar, { sources }: Pick<PlayAnswer, "sources">): Sidecar {
  return { ...all, renditions: all.renditions.filter(({ id }) => Object.hasOwn(sources, id)) };
}

/** Chosen by us: a player that does not go keeps the next film waiting no longer than this. */
const goingMs = 3000;

/** Settles when the player has let go of its element, or does not. */
export async function gone(player: ShakaPlayer | undefined): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, goingMs);
  // One that fails to go leaves nothing that could be waited for.
  await Promise.race([player?.destroy().catch(() => undefined), late.promise]);
  clearTimeout(timer);
}
