// What earlier plays saw of a network, for a start at which nothing is measured yet.
//
// The lower quartile of them: three plays of four were faster, so that a start after a bad evening is not a stall. Networks change
// (a train, a new contract), so a play counts for a day, and only on its own kind of network.
// Quartile and day are chosen by us; plays that started too high, or needlessly low, would change them.

/** One play, as plain data. */
export interface EarlierPlay {
  /** The play, so that what it says later takes the place of what it said before. */
  readonly id: string;
  /** What the browser calls its network: "wifi", "4g"; "unknown" where it says nothing. */
  readonly network: string;
  readonly kbps: number;
  /** When it was seen, by the wall clock: a page's own clock begins anew with the page. */
  readonly atMs: number;
}

const freshMs = 24 * 3600 * 1000;
/** Enough for a quartile of a few networks, and two kilobytes. */
const kept = 24;
const longestName = 40;

/** p25 of the last day's plays on that network; undefined when there are none. */
export function priorKbps(plays: readonly EarlierPlay[], network: string, nowMs: number): number | undefined {
  const rates = fresh(plays, nowMs)
    .filter((play) => play.network === network)
    .map(({ kbps }) => kbps)
    .toSorted((a, b) => a - b);
  return rates[Math.floor((rates.length - 1) / 4)];
}

/** A play that saw nothing changes nothing. */
export function withPlay(plays: readonly EarlierPlay[], play: EarlierPlay): readonly EarlierPlay[] {
  if (!isPlay(play)) return plays;
  const others = plays.filter(({ id }) => id !== play.id);
  return [...fresh(others, play.atMs), play].slice(-kept);
}

export function textOfPlays(plays: readonly EarlierPlay[]): string {
  return JSON.stringify(plays);
}

/** Whatever a storage holds, the plays in it: it is the viewer's, and other versions of this page write to it. */
export function playsIn(text: string | null): readonly EarlierPlay[] {
  const found = parsed(text ?? "[]");
  return Array.isArray(found) ? found.filter(isPlay).slice(-kept) : [];
}

/** A clock that was set back makes plays of tomorrow: they are not trusted. */
function fresh(plays: readonly EarlierPlay[], nowMs: number): readonly EarlierPlay[] {
  return plays.filter(({ atMs }) => atMs <= nowMs && nowMs - atMs < freshMs);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return [];
  }
}

function isPlay(value: unknown): value is EarlierPlay {
  if (typeof value !== "object" || value === null) return false;
  if (!("id" in value && "network" in value && "kbps" in value && "atMs" in value)) return false;
  const { id, network, kbps, atMs } = value;
  return isName(id) && isName(network) && isAmount(kbps) && isAmount(atMs);
}

function isName(value: unknown): boolean {
  return typeof value === "string" && value.length <= longestName;
}

function isAmount(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}
