// What is wrong with what a player showed, in words; nothing when all is well. Pure, so that the same judgement is passed on
// good packages and on those that were damaged on purpose.
import { flashEvery, frameRate, timeOf } from "#test/fixtures/players/marks.ts";
import type { Buffered, Landing, Shown, Taken } from "#test/fixtures/players/stage.ts";
import type { Tile } from "#test/fixtures/players/tiles.ts";
import type { Package, Rung } from "./pack-players-package.ts";

/** Browsers count in microseconds, and cut off where they should round. */
const clockError = 2e-6;
/** One AAC frame at 48 kHz: the sound may end so much before the picture or after it. */
const aacFrame = 1024 / 48_000;
/** Largest distance of a click from its flash, seconds. */
const inStep = 0.02;

/** Each frame is one of the film, at its own time, whole, and in the rung's size where one is given. */
export function wrongFrames(shown: readonly Shown[], rung?: Rung): readonly string[] {
  return shown.flatMap(({ frame, flash, mediaTime, width, height }) => {
    if (frame === undefined) return [`the picture at ${mediaTime} s carries no number`];
    const wrong = [
      ...(Math.abs(mediaTime - timeOf(frame)) < 0.001 ? [] : [`frame ${frame} is shown at ${mediaTime} s`]),
      ...(flash === (frame % flashEvery === 0) ? [] : [`frame ${frame} flashes: ${flash}`]),
    ];
    if (rung === undefined || (width === rung.width && height === rung.height)) return wrong;
    return [...wrong, `frame ${frame} has ${width}×${height}, not ${rung.width}×${rung.height}`];
  });
}

/** Playing went over each boundary, with frames on both sides. */
export function notCrossed(shown: readonly Shown[], boundaries: readonly number[]): readonly string[] {
  const frames = shown.map(({ frame }) => frame ?? -1);
  return boundaries.flatMap((boundary, place) => {
    const before = frames.some((frame) => frame < boundary && frame >= (boundaries[place - 1] ?? 0));
    const after = frames.some((frame) => frame >= boundary);
    return before && after ? [] : [`boundary ${boundary} was not crossed: ${frames.join(" ")}`];
  });
}

/** Picture, sound and both together are one range each, over the whole film. */
export function gaps(buffered: Buffered, film: Package): readonly string[] {
  const end = timeOf(film.frames);
  return Object.entries(buffered).flatMap(([what, ranges]) => {
    const [first] = ranges;
    const text = JSON.stringify(ranges);
    if (first === undefined || ranges.length > 1) return [`${what} is not one range: ${text}`];
    if (first[0] > clockError) return [`${what} does not begin at 0: ${text}`];
    return Math.abs(first[1] - end) > aacFrame ? [`${what} does not end at ${end}: ${text}`] : [];
  });
}

/**
 * The frame is the one of the place where the element says that it is, which is where it was sent. `within` 1 allows its
 * neighbours: while the segment that holds the frame is not there yet, Chromium bridges less than two frames to the next one.
 */
export function wrongLanding(to: number, { currentTime, shown }: Landing, within: 0 | 1): readonly string[] {
  const at = (seconds: number): number => Math.max(0, Math.floor((seconds * frameRate.num) / frameRate.den));
  const wanted = [at(currentTime - clockError), at(currentTime + clockError)];
  const { frame } = shown;
  const right = frame !== undefined && wanted.some((one) => Math.abs(one - frame) <= within);
  return [
    ...(Math.abs(currentTime - to) < 0.001 ? [] : [`sent to ${to}, it is at ${currentTime}`]),
    ...(right ? [] : [`at ${currentTime} s it shows frame ${shown.frame}, wanted ${wanted[1]}`]),
    ...wrongFrames([shown]),
  ];
}

/** Each flash has its click. Clicks are those of every segment that was appended, so one may be there twice. */
export function outOfStep(flashes: readonly Shown[], clicks: readonly number[]): readonly string[] {
  return flashes.flatMap(({ flash, mediaTime }) => {
    if (!flash) return [`no flash at ${mediaTime} s`];
    const near = clicks.filter((click) => Math.abs(click - mediaTime) < timeOf(flashEvery) / 2);
    if (near.length === 0) return [`no click near the flash at ${mediaTime} s`];
    const far = near.filter((click) => Math.abs(click - mediaTime) > inStep);
    return far.map((click) => `the click is ${ms(click - mediaTime)} from the flash at ${mediaTime} s`);
  });
}

export function ms(seconds: number): string {
  return `${(seconds * 1000).toFixed(2)} ms`;
}

/** Every segment came, at last, from the rung that was wanted for it (`wanted[segment]`), byte for byte. */
export function notTaken(
  taken: readonly Taken[],
  wanted: readonly string[],
  film: Package,
): readonly string[] {
  const last = new Map<number, readonly string[]>();
  for (const { kind, sha256 } of taken) {
    const segment = film.segments.get(sha256);
    if (kind === "video" && segment !== undefined) last.set(segment.number, segment.rungs);
  }
  const took = wanted.map((_, index) => last.get(index + 1)?.join("=") ?? "none");
  const right = wanted.every((rung, index) => last.get(index + 1)?.includes(rung) === true);
  return right ? [] : [`rungs wanted ${wanted.join(" ")}, taken ${took.join(" ")}`];
}

/** Every picture shows the first frame of its time, and together they cover the film. */
export function wrongTiles(tiles: readonly Tile[], film: Package): readonly string[] {
  const end = timeOf(film.frames);
  const wrong = tiles.filter(
    ({ frame, startTime }) => frame === undefined || Math.abs(timeOf(frame) - startTime) > timeOf(1),
  );
  const holes = tiles.filter(({ startTime }, index) => {
    const before = tiles[index - 1];
    return Math.abs(startTime - (before === undefined ? 0 : before.startTime + before.duration)) > 0.002;
  });
  const last = tiles.at(-1);
  const short = last === undefined || last.startTime > end || last.startTime + last.duration < end - 0.002;
  return [
    ...wrong.map(({ frame, startTime }) => `the picture for ${startTime} s shows frame ${frame}`),
    ...holes.map(({ startTime }) => `there is a hole before the picture for ${startTime} s`),
    ...(short ? [`the pictures do not reach the film's end`] : []),
  ];
}
