// What to do when the browser itself refuses the film: its memory is full, or it cannot decode what it was given. The film
// is opened again where it stopped, a few times, and past the segment that it cannot decode.

export interface Reopenings {
  readonly times: number;
  /** Where the last failure to decode was. */
  readonly undecodedMs: number | undefined;
}

export interface BrowserRefusal {
  readonly kind: "full" | "undecodable";
  readonly positionMs: number;
  /** Of the segment that plays there. */
  readonly segmentEndMs: number;
}

export type ReopenWord =
  | { readonly kind: "reopen"; readonly atMs: number; readonly because: string }
  | { readonly kind: "give-up" };

export interface ReopenStep {
  readonly state: Reopenings;
  readonly word: ReopenWord;
}

export const noReopenings: Reopenings = { times: 0, undecodedMs: undefined };

/** In one play. Chosen by us: a browser that refuses more often than that will go on refusing. */
const mostTimes = 6;
const samePlaceMs = 1000;

export function stepReopen(state: Reopenings, refusal: BrowserRefusal): ReopenStep {
  const { kind, positionMs, segmentEndMs } = refusal;
  const times = state.times + 1;
  if (times > mostTimes) return { state, word: { kind: "give-up" } };
  if (kind === "full") {
    const because = "the browser's memory for film is full: opened again with less ahead";
    return { state: { ...state, times }, word: { kind: "reopen", atMs: positionMs, because } };
  }
  const { undecodedMs } = state;
  const again = undecodedMs !== undefined && Math.abs(positionMs - undecodedMs) < samePlaceMs;
  const because = again
    ? `the browser cannot decode the film at ${clock(positionMs)}: on from ${clock(segmentEndMs)}`
    : `the browser could not decode the film at ${clock(positionMs)}: opened again`;
  const atMs = again ? segmentEndMs : positionMs;
  return { state: { times, undecodedMs: positionMs }, word: { kind: "reopen", atMs, because } };
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, "0")}`;
}
