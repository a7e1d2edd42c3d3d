// How long a viewer waits to see that the network got better: from the moment it would sustain a higher rung until a
// segment of that rung plays, at most one whole buffer. Source: Sabre's reaction time.

export interface Reaction {
  readonly limitMs: number;
  /** Rises of the network not yet counted, in order of time; three lists of the same length. */
  readonly roseMs: number[];
  readonly rungs: number[];
  /** When the rung played, or was no longer sustained; NaN while neither happened. */
  readonly answeredMs: number[];
  totalMs: number;
}

export function newReaction(maxBufferMs: number): Reaction {
  return { limitMs: maxBufferMs, roseMs: [], rungs: [], answeredMs: [], totalMs: 0 };
}

/** The network sustains another rung from now on. `fetched` is the highest rung that lies in the buffer. */
export function sustains(
  reaction: Reaction,
  nowMs: number,
  rung: number,
  before: number,
  fetched: number,
): void {
  settle(reaction, nowMs);
  for (const [i, wanted] of reaction.rungs.entries()) {
    if (wanted > rung) answer(reaction, i, nowMs);
  }
  if (rung <= before || rung <= fetched || reaction.rungs.some((wanted) => rung <= wanted)) return;
  reaction.roseMs.push(nowMs);
  reaction.rungs.push(rung);
  reaction.answeredMs.push(Number.NaN);
}

/** A segment of `rung` begins to play. */
export function plays(reaction: Reaction, nowMs: number, rung: number): void {
  for (let i = 0; i < reaction.rungs.length; i++) {
    if (rung >= (reaction.rungs[i] ?? 0)) answer(reaction, i, nowMs);
  }
}

/** Counts every rise that is more than a buffer ago. */
export function settle(reaction: Reaction, nowMs: number): void {
  const { roseMs, rungs, answeredMs, limitMs } = reaction;
  while (roseMs.length > 0 && (roseMs[0] ?? 0) < nowMs - limitMs) {
    const waited = (answeredMs[0] ?? Number.NaN) - (roseMs[0] ?? 0);
    reaction.totalMs += Number.isNaN(waited) ? limitMs : Math.min(limitMs, waited);
    roseMs.shift();
    rungs.shift();
    answeredMs.shift();
  }
}

function answer(reaction: Reaction, index: number, nowMs: number): void {
  if (Number.isNaN(reaction.answeredMs[index])) reaction.answeredMs[index] = nowMs;
}
