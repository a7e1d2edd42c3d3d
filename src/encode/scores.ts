// Per-frame scores from a metric's log, pooled per shot by us: with subsampling, libvmaf's own pooled figure is wrong.
// Source: research, encoding §0.7.
import type { Shot } from "#model/encoded.ts";

/** Score of each frame that was scored. */
export type FrameScores = ReadonlyMap<number, number>;

/** libvmaf's CSV log; the column is found by its name. */
export function readVmafLog(text: string): FrameScores {
  const [header = "", ...lines] = text.split("\n");
  const column = header.split(",").indexOf("vmaf");
  const scores = new Map<number, number>();
  if (column < 0) return scores;
  for (const line of lines) {
    const cells = line.split(",");
    const score = Number(cells[column]);
    if (cells.length > column && Number.isFinite(score)) scores.set(Number(cells[0]), score);
  }
  return scores;
}

/** ffmpeg's ssim stats file, luma only, brought to 0–100. Frames are counted from 1 there. */
export function readSsimLog(text: string): FrameScores {
  const scores = new Map<number, number>();
  for (const line of text.split("\n")) {
    const found = /^n:(\d+) Y:([\d.]+)/.exec(line);
    if (found !== null) scores.set(Number(found[1]) - 1, Number(found[2]) * 100);
  }
  return scores;
}

/** Why a log is not that of the whole film, or undefined when it is: every `subsample`th frame has a score, from frame 0 on. */
export function scoresComplaint(scores: FrameScores, frames: number, subsample: number): string | undefined {
  const wanted = Math.ceil(frames / subsample);
  const lacking = Array.from({ length: wanted }, (_, n) => n * subsample).filter(
    (frame) => !scores.has(frame),
  );
  const [first] = lacking;
  if (first === undefined) return undefined;
  return `${wanted - lacking.length} of ${wanted} frames were scored, frame ${first} was not`;
}

/** Mean over the shot's scored frames, or undefined when none was scored. */
export function poolShot(
  scores: FrameScores,
  shot: Pick<Shot, "startFrame" | "endFrame">,
): number | undefined {
  let [sum, count] = [0, 0];
  for (let frame = shot.startFrame; frame < shot.endFrame; frame++) {
    const score = scores.get(frame);
    if (score === undefined) continue;
    sum += score;
    count++;
  }
  return count === 0 ? undefined : sum / count;
}

/** Bits per shot from the sizes of an encode's groups of pictures, which begin exactly at `keyframes`. */
export function shotBits(
  groups: readonly (readonly number[])[],
  keyframes: readonly number[],
  shots: readonly Shot[],
): readonly number[] {
  return shots.map((shot) => {
    let bytes = 0;
    for (const [index, start] of keyframes.entries()) {
      if (start < shot.startFrame || start >= shot.endFrame) continue;
      for (const size of groups[index] ?? []) bytes += size;
    }
    return bytes * 8;
  });
}

/** Why an encode's groups of pictures are not the planned ones, or undefined when they are. */
export function groupsComplaint(
  groups: readonly (readonly number[])[],
  keyframes: readonly number[],
  frames: number,
): string | undefined {
  if (groups.length !== keyframes.length) {
    return `wanted ${keyframes.length} keyframes, found ${groups.length}`;
  }
  for (const [index, start] of keyframes.entries()) {
    const wanted = (keyframes[index + 1] ?? frames) - start;
    const found = groups[index]?.length ?? 0;
    if (found !== wanted) return `wanted ${wanted} frames from frame ${start} on, found ${found}`;
  }
  return undefined;
}
