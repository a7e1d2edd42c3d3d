// AS paths: reading, length, and joining the two halves that reach a two-octet speaker.
// Source: RFC 4271 §4.3 and §9.1.2.2; RFC 5065 (confederations); RFC 6793 §4.2.3 (AS4_PATH).
import { u16, u32 } from "./message.ts";

export type SegmentKind = "set" | "sequence" | "confederation-sequence" | "confederation-set";

export interface AsSegment {
  readonly kind: SegmentKind;
  readonly members: readonly number[];
}

export const segmentKinds: readonly SegmentKind[] = [
  "set",
  "sequence",
  "confederation-sequence",
  "confederation-set",
];

/** Undefined when malformed: an unknown kind, an empty segment, or one that does not fit (RFC 7606 §7.2). */
export function readAsPath(
  bytes: Uint8Array,
  start: number,
  end: number,
  octets: 2 | 4,
): readonly AsSegment[] | undefined {
  const segments: AsSegment[] = [];
  let at = start;
  while (at < end) {
    const kind = segmentKinds[(bytes[at] ?? 0) - 1];
    const count = bytes[at + 1] ?? 0;
    const next = at + 2 + count * octets;
    if (kind === undefined || count === 0 || next > end) return undefined;
    const members: number[] = [];
    for (let from = at + 2; from < next; from += octets) {
      members.push(octets === 2 ? u16(bytes, from) : u32(bytes, from));
    }
    segments.push({ kind, members });
    at = next;
  }
  return segments;
}

/** A set counts as one hop, a confederation's inside as none. */
export function pathLength(path: readonly AsSegment[]): number {
  return path.reduce((sum, segment) => sum + hopsOf(segment), 0);
}

function hopsOf(segment: AsSegment): number {
  if (segment.kind === "sequence") return segment.members.length;
  return segment.kind === "set" ? 1 : 0;
}

/** One number per hop, nearest first, as many as the path is long: of a set the smallest member. */
export function hopsAlong(path: readonly AsSegment[]): readonly number[] {
  return path.flatMap(({ kind, members }) => {
    if (kind === "sequence") return members;
    return kind === "set" ? [Math.min(...members)] : [];
  });
}

/** The neighbour that said it: first of the leftmost sequence; undefined for an empty path or one that opens with a set. */
export function firstAs(path: readonly AsSegment[]): number | undefined {
  const first = path.find(({ kind }) => kind === "sequence" || kind === "set");
  return first?.kind === "sequence" ? first.members[0] : undefined;
}

/** What a confederation shows of its own inside (RFC 5065 §3). */
export function isConfederation({ kind }: AsSegment): boolean {
  return kind === "confederation-sequence" || kind === "confederation-set";
}

export function holdsAs(path: readonly AsSegment[], as: number): boolean {
  return path.some(({ members }) => members.includes(as));
}

/**
 * The path as a four-octet speaker would have sent it: AS4_PATH, preceded by as many hops of AS_PATH as it is shorter.
 *
 * AS4_PATH loses its confederation segments, and is passed over altogether when it is the longer one.
 */
export function mergedPath(path: readonly AsSegment[], as4Path: readonly AsSegment[]): readonly AsSegment[] {
  const rest = as4Path.filter((segment) => !isConfederation(segment));
  const missing = pathLength(path) - pathLength(rest);
  if (missing < 0) return path;
  return coalesced([...leading(path, missing), ...rest]);
}

function leading(path: readonly AsSegment[], hops: number): readonly AsSegment[] {
  const taken: AsSegment[] = [];
  let left = hops;
  for (const segment of path) {
    if (left === 0 && !isConfederation(segment)) break;
    const members = segment.kind === "sequence" ? segment.members.slice(0, left) : segment.members;
    taken.push({ kind: segment.kind, members });
    left -= hopsOf({ kind: segment.kind, members });
  }
  return taken;
}

/** Sequences side by side are one sequence, so that a path has one form; a segment holds at most 255 (RFC 4271 §4.3). */
function coalesced(path: readonly AsSegment[]): readonly AsSegment[] {
  const whole: AsSegment[] = [];
  for (const segment of path) {
    const last = whole.at(-1);
    const isOne = last?.kind === "sequence" && segment.kind === "sequence";
    if (!isOne || last.members.length + segment.members.length > 255) whole.push(segment);
    else whole[whole.length - 1] = { kind: "sequence", members: [...last.members, ...segment.members] };
  }
  return whole;
}
