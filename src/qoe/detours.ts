// Bytes that came from elsewhere than the best-placed appliances, and why: what placement, upkeep or room would have to mend.
//
// Steering puts appliances in tiers that the network cannot tell apart for a viewer; the best tier is where all bytes would come from
// if every appliance there held every file, was well and had room. Bytes from elsewhere are a detour. Its cause is what kept the best
// tier from serving: it was health if somebody there held the file, for then placement had done its part; content if nobody did.
// Source of the division: Netflix, "Content Popularity for Open Connect" and "Netflix content distribution" (AfPIF 2018).
import { byText } from "./stream-event.ts";

/**
 * - content: nobody in the best tier held the file.
 * - health: of those who held it, nobody was well (or admitted).
 * - capacity: of those who were well, nobody had room.
 * - other: somebody there could have served and the player went elsewhere.
 */
export const causes = ["content", "health", "capacity", "other"] as const;
export type Cause = (typeof causes)[number];

/** An appliance of the best tier at the moment of a decision. */
export interface Choice {
  readonly id: string;
  readonly siteId: string;
  /** Why it was not in the running; absent when it was. */
  readonly out?: Exclude<Cause, "other">;
  /** Folders of the title that it does not hold; absent: none, or all of them where `out` is content. */
  readonly lacks?: readonly string[];
}

/** A steering decision, as far as detours go. */
export interface Steered {
  readonly sessionId: string;
  readonly atMs: number;
  /** Empty: no appliance may ever serve this viewer, and nothing is better than the origin. */
  readonly best: readonly Choice[];
}

/** Bytes of a session, as the access log of whoever served them has it. */
export interface Source {
  /** An appliance, or "origin". */
  readonly id: string;
  readonly siteId: string;
}

export const originId = "origin";

/** "unjoined": nothing is known of the decision, and nobody can say. */
export type Verdict = "best" | Cause | "unjoined";

/** Bytes of one folder from one source. `pulled`: fetched from the origin while the viewer waited. */
export function verdictOf(
  steered: Steered | undefined,
  {
    sourceId,
    folder,
    pulled,
  }: { readonly sourceId: string; readonly folder: string; readonly pulled: boolean },
): Verdict {
  if (steered === undefined) return "unjoined";
  const { best } = steered;
  if (best.length === 0) return sourceId === originId ? "best" : "other";
  const isThere = best.some(({ id }) => id === sourceId);
  if (isThere) return pulled ? "content" : "best";
  const outs = best.map(({ out, lacks }) => (lacks?.includes(folder) === true ? "content" : out));
  if (outs.includes(undefined)) return "other";
  return (["capacity", "health"] as const).find((cause) => outs.includes(cause)) ?? "content";
}

/** Where the bytes belonged: who served them if that was the best tier, else the best tier's first site. */
export function siteOf(steered: Steered | undefined, source: Source): string {
  const sites = (steered?.best ?? []).map(({ siteId }) => siteId);
  if (sites.length === 0 || sites.includes(source.siteId)) return source.siteId;
  return sites.toSorted(byText)[0] ?? source.siteId;
}

/** The latest decision before; bytes before the first one are the first one's: clocks of two machines. */
export function inForce(decisions: readonly Steered[], atMs: number): Steered | undefined {
  return decisions.findLast((one) => one.atMs <= atMs) ?? decisions[0];
}

/** In hundredths of a percent; 10 000 in all, or 0 of nothing. The largest remainders are rounded up. Source: Hamilton's method. */
export function sharesOf(parts: readonly number[]): readonly number[] {
  const whole = parts.reduce((sum, part) => sum + part, 0);
  if (whole === 0) return parts.map(() => 0);
  const exact = parts.map((part) => (10_000 * part) / whole);
  const floors = exact.map(Math.floor);
  const left = 10_000 - floors.reduce((sum, floor) => sum + floor, 0);
  const remainder = (at: number): number => (exact[at] ?? 0) - (floors[at] ?? 0);
  const raised = new Set(
    [...exact.keys()].toSorted((a, b) => remainder(b) - remainder(a) || a - b).slice(0, left),
  );
  return floors.map((floor, at) => floor + Number(raised.has(at)));
}
