// What servers say about themselves along with an answer: Common Media Server Data (CTA-5006). A server is believed when it asks
// for less, and only so far: it sees one connection, and one that lies must not do more harm than a slow one.

/** The newest words of the servers. */
export interface ServerHint {
  /** Estimated throughput (etp). */
  readonly etpKbps: number | undefined;
  /** Under duress (du): it asks for mercy. */
  readonly duress: boolean;
  readonly atMs: number;
}

/** A word about a network's state is old after so long; chosen by us, as long as the slower of the two means of the estimate. */
const freshMs = 8000;
/** The most that a server's estimate takes away from ours. */
const leastShare = 0.5;

/** What the estimate becomes: min(own, max(etp, own / 2)) while the word is fresh. Without a measurement of ours: none. */
export function hinted(
  ownKbps: number | undefined,
  hint: ServerHint | undefined,
  nowMs: number,
): number | undefined {
  const etp = hint?.etpKbps;
  if (ownKbps === undefined || hint === undefined || etp === undefined) return ownKbps;
  if (!(etp > 0) || nowMs - hint.atMs > freshMs) return ownKbps;
  return Math.min(ownKbps, Math.max(etp, ownKbps * leastShare));
}
