// Which numbers of a session were heard: each counts once, however often it comes.

/**
 * Everything up to `front` was heard but the holes, which are ranges, both ends included, lowest first. Players number without gaps,
 * so that there is seldom a hole, and none further back than `reach`.
 */
export interface Seen {
  readonly front: number;
  readonly holes: readonly (readonly [from: number, to: number])[];
}

/** Numbers that lie further behind the front count as heard. Source: research control-telemetry §3.4. */
export const reach = 4096;

export type Hearing =
  /** Beyond all that were heard. */
  | { readonly kind: "ahead"; readonly seen: Seen }
  /** The first time, but others went past it. */
  | { readonly kind: "overtaken"; readonly seen: Seen }
  | { readonly kind: "repeated" };

const repeated: Hearing = { kind: "repeated" };

/** A session of which `seq` was heard first; what was before it may come yet. */
export function firstSeen(seq: number): Seen {
  return { front: seq, holes: withHole([], 1, seq - 1, seq) };
}

export function hear(seen: Seen, seq: number): Hearing {
  if (seq === seen.front + 1 && seen.holes.length === 0) {
    return { kind: "ahead", seen: { front: seq, holes: seen.holes } };
  }
  if (seq > seen.front) {
    return { kind: "ahead", seen: { front: seq, holes: withHole(seen.holes, seen.front + 1, seq - 1, seq) } };
  }
  const at = seen.holes.findIndex(([from, to]) => from <= seq && seq <= to);
  const hole = seen.holes[at];
  if (hole === undefined || seq <= seen.front - reach) return repeated;
  const [from, to] = hole;
  const left = (
    [
      [from, seq - 1],
      [seq + 1, to],
    ] as const
  ).filter(([low, high]) => low <= high);
  return { kind: "overtaken", seen: { ...seen, holes: seen.holes.toSpliced(at, 1, ...left) } };
}

function withHole(holes: Seen["holes"], from: number, to: number, front: number): Seen["holes"] {
  const least = front - reach + 1;
  const gone = holes.findIndex(([, high]) => high >= least);
  const kept = gone === -1 ? [] : holes.slice(gone);
  const [first] = kept;
  if (first !== undefined && first[0] < least) kept[0] = [least, first[1]];
  if (from <= to && to >= least) kept.push([Math.max(from, least), to]);
  return kept;
}
