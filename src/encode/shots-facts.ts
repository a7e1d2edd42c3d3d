// What a shot detector is told of each frame: ffmpeg's scdet figures, and a tiny grey picture that can be compared with
// any other frame's. One pass over the film prints the figures as text and draws the pictures as raw bytes.
import { lineReader } from "./line-reader.ts";

/** 144 brightnesses tell a flash from a cut as well as 576 or 2304 did on annotated films, at a quarter of the store. */
export const pictureSize = { width: 16, height: 9 } as const;
export const pictureBytes = pictureSize.width * pictureSize.height;

export interface FrameFacts {
  /** Mean absolute difference of luma to the frame before, 0–100, of the film scaled to 320 pixels in width. */
  readonly mafd: number;
  /** scdet's score: the lesser of `mafd` and of its change since the frame before. */
  readonly score: number;
  /** Luma, row by row, `pictureSize`. */
  readonly picture: Uint8Array;
}

/** What scdet says of one frame. */
export type FrameChange = Omit<FrameFacts, "picture">;

/** Figures and pictures of the same frames, or undefined when their numbers differ. */
export function frameFacts(
  changes: readonly FrameChange[],
  pictures: Uint8Array,
): readonly FrameFacts[] | undefined {
  if (changes.length * pictureBytes !== pictures.length) return undefined;
  return changes.map((change, frame) => ({
    ...change,
    picture: pictures.subarray(frame * pictureBytes, (frame + 1) * pictureBytes),
  }));
}

const figureBytes = 16;

/** Two doubles a frame, little-endian. What is kept of a film is its pictures and behind them these. */
export function packedChanges(changes: readonly FrameChange[]): Uint8Array {
  const packed = new DataView(new ArrayBuffer(changes.length * figureBytes));
  for (const [frame, { mafd, score }] of changes.entries()) {
    packed.setFloat64(frame * figureBytes, mafd, true);
    packed.setFloat64(frame * figureBytes + 8, score, true);
  }
  return new Uint8Array(packed.buffer);
}

/** Undefined when `kept` is of another shape. */
export function unpackedFacts(kept: Uint8Array): readonly FrameFacts[] | undefined {
  const frames = kept.length / (pictureBytes + figureBytes);
  if (!Number.isInteger(frames)) return undefined;
  const pictures = kept.subarray(0, frames * pictureBytes);
  const figures = new DataView(kept.buffer, kept.byteOffset + pictures.length, frames * figureBytes);
  const changes = Array.from({ length: frames }, (_, frame) => ({
    mafd: figures.getFloat64(frame * figureBytes, true),
    score: figures.getFloat64(frame * figureBytes + 8, true),
  }));
  if (!changes.every(({ mafd, score }) => Number.isFinite(mafd) && Number.isFinite(score))) return undefined;
  return frameFacts(changes, pictures);
}

export interface ChangesReader {
  readonly take: (text: string) => void;
  readonly end: () => readonly FrameChange[];
}

/** Reads ffmpeg's `metadata=print` after scdet as it comes: one block per frame. */
export function changesReader(): ChangesReader {
  const changes: FrameChange[] = [];
  let open: { mafd: number; score: number } | undefined;
  const close = (): void => {
    if (open !== undefined) changes.push(open);
    open = undefined;
  };
  const lines = lineReader((line) => {
    if (line.startsWith("frame:")) {
      close();
      open = { mafd: 0, score: 0 };
    } else if (open !== undefined && line.startsWith("lavfi.scd.mafd=")) open.mafd = Number(line.slice(15));
    else if (open !== undefined && line.startsWith("lavfi.scd.score=")) open.score = Number(line.slice(16));
  });
  return {
    take: lines.take,
    end: () => {
      lines.end();
      close();
      return changes;
    },
  };
}
