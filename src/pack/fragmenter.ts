// Joins the pieces of a rung (one per shot) into segments, as a machine: a piece in, finished segments out. Only the
// piece at hand and the open segment are in memory, however long the film is.
//
// A piece counts time from 0. In the film its fragments stand at startFrame·ticksPerFrame later, and get running
// sequence numbers; the coded pictures are not touched. Source: ISO/IEC 14496-12 §8.8, 23000-19 (CMAF) §7.3.
import { ascii, box, concat, type Refused, readBoxes, refused, u32s } from "./boxes.ts";
import { type Fragment, isSync, readFragments, writeFragment } from "./fragment.ts";
import { type Init, readInit } from "./init.ts";

/** A run of frames that is published as one file. Numbers start at 1. */
export interface PlannedSegment {
  readonly number: number;
  readonly startFrame: number;
  readonly frames: number;
}

/** A whole fragmented file taken apart. */
export interface Fragmented {
  /** ftyp and moov as they came. */
  readonly initBytes: Uint8Array;
  readonly init: Init;
  readonly fragments: readonly Fragment[];
}

export type FragmentedRead = { readonly kind: "read"; readonly file: Fragmented } | Refused;

export interface SegmentBytes {
  readonly number: number;
  readonly bytes: Uint8Array;
}

export interface Joining {
  readonly segments: readonly PlannedSegment[];
  readonly ticksPerFrame: number;
  /** From the first piece; every later one must carry the same bytes. */
  readonly initBytes: Uint8Array | undefined;
  /** The film's next frame. */
  readonly frame: number;
  /** The last sequence number given. */
  readonly sequence: number;
  /** Index of the segment that is being filled, and its fragments so far. */
  readonly segment: number;
  readonly open: readonly Uint8Array[];
}

export type Joined =
  | {
      readonly kind: "joined";
      readonly joining: Joining;
      readonly init: Init;
      readonly finished: readonly SegmentBytes[];
    }
  | Refused;

/** The segments that `boundaries` cut `frames` into. */
export function segmentsOf(boundaries: readonly number[], frames: number): readonly PlannedSegment[] {
  return boundaries.map((startFrame, index) => ({
    number: index + 1,
    startFrame,
    frames: (boundaries[index + 1] ?? frames) - startFrame,
  }));
}

export function startJoining(segments: readonly PlannedSegment[], ticksPerFrame: number): Joining {
  return { segments, ticksPerFrame, initBytes: undefined, frame: 0, sequence: 0, segment: 0, open: [] };
}

/** Takes the film's next piece. `piece.frames` is what the encoder promised; the bytes must agree. */
export function joinPiece(
  state: Joining,
  piece: { readonly frames: number; readonly bytes: Uint8Array },
): Joined {
  const read = readFragmented(piece.bytes);
  if (read.kind === "refused") return read;
  const { init, initBytes, fragments } = read.file;
  const unfit = unfitPiece(state, piece.frames, read.file);
  if (unfit !== undefined) return refused(unfit);

  const finished: SegmentBytes[] = [];
  let joining: Joining = { ...state, initBytes };
  const shift = state.frame * state.ticksPerFrame;
  for (const fragment of fragments) {
    const target = joining.segments[joining.segment];
    const end = joining.frame + fragment.samples.length;
    if (target === undefined || end > target.startFrame + target.frames) {
      const boundary =
        target === undefined ? "the film's end" : `boundary ${target.startFrame + target.frames}`;
      return refused(
        `a fragment holds frames ${joining.frame} to ${end} of the film and straddles ${boundary}`,
      );
    }
    const sequence = joining.sequence + 1;
    const moved = writeFragment({ ...fragment, sequence, baseTime: fragment.baseTime + shift }, init.trackId);
    const open = [...joining.open, moved];
    const full = end === target.startFrame + target.frames;
    if (full) finished.push({ number: target.number, bytes: segmentBytes(open) });
    const segment = joining.segment + (full ? 1 : 0);
    joining = { ...joining, sequence, frame: end, segment, open: full ? [] : open };
  }
  return { kind: "joined", joining, init, finished };
}

/** ftyp, moov, then fragments; anything else is refused. */
export function readFragmented(bytes: Uint8Array): FragmentedRead {
  const top = readBoxes(bytes, 0, bytes.length);
  if (top.kind === "refused") return top;
  const [ftyp, moov, ...rest] = top.boxes;
  if (ftyp?.type !== "ftyp" || moov?.type !== "moov") {
    return refused(`wanted ftyp and moov first, found "${ftyp?.type}" and "${moov?.type}"`);
  }
  const initBytes = bytes.subarray(ftyp.start, moov.end);
  const about = readInit(initBytes);
  if (about.kind === "refused") return about;
  const read = readFragments(bytes, rest, about.init);
  if (read.kind === "refused") return read;
  return { kind: "read", file: { initBytes, init: about.init, fragments: read.fragments } };
}

/** Fragments as one CMAF segment. */
export function segmentBytes(fragments: readonly Uint8Array[]): Uint8Array {
  const styp = box("styp", ascii("cmfs"), u32s([0]), ascii("iso6cmfsmsdh"));
  return concat([styp, ...fragments]);
}

function unfitPiece(state: Joining, promised: number, file: Fragmented): string | undefined {
  if (file.init.kind !== "video") return "it holds no picture track";
  if ((file.init.editStart ?? 0) !== 0) return "it has an edit list, so its first picture is not at time 0";
  if (state.initBytes !== undefined && !sameBytes(state.initBytes, file.initBytes)) {
    return "its init (ftyp+moov) differs from that of the rung's first piece: it was encoded with other parameters";
  }
  const frames = file.fragments.reduce((sum, fragment) => sum + fragment.samples.length, 0);
  if (frames !== promised) return `it holds ${frames} frames, ${promised} were promised`;
  return unfitTimes(file.fragments, state.ticksPerFrame);
}

/** Decoding times must count frames from 0, and each fragment must begin with a picture that stands alone. */
function unfitTimes(fragments: readonly Fragment[], ticksPerFrame: number): string | undefined {
  let frame = 0;
  for (const fragment of fragments) {
    const [first] = fragment.samples;
    if (first === undefined || !isSync(first))
      return `its frame ${frame} begins a fragment but is no sync sample`;
    if (fragment.baseTime !== frame * ticksPerFrame) {
      return `its frame ${frame} stands at tick ${fragment.baseTime}, wanted ${frame * ticksPerFrame}`;
    }
    const odd = fragment.samples.find((sample) => sample.duration !== ticksPerFrame);
    if (odd !== undefined) return `a frame lasts ${odd.duration} ticks, wanted ${ticksPerFrame}`;
    frame += fragment.samples.length;
  }
  return undefined;
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
