// What a chunk must show, held against what was read back from it.

import { clockWrap } from "./transport.ts";
import type { Chunk, ReadUnit } from "./transport-read.ts";

/**
 * The first thing that is wrong with a chunk of the film's ticks [start, end); undefined when it begins with a picture that
 * stands alone, shown at `start`, has as many pictures and sounds as wanted, shows nothing outside the span, decodes in order and never later than it shows.
 */
export function chunkComplaint(
  chunk: Chunk,
  span: { readonly start: number; readonly end: number },
  wanted: { readonly pictures: number; readonly sounds: number },
): string | undefined {
  const [first] = chunk.video;
  const since = (ticks: number): number => signed(ticks - span.start);
  if (first === undefined || !first.standsAlone || since(first.shown) !== 0) {
    return `its first picture is ${first?.standsAlone ? "shown" : "not one that stands alone, or shown"} at tick ${first?.shown}, wanted ${span.start}`;
  }
  const { pictures, sounds } = wanted;
  if (chunk.video.length !== pictures) return `it has ${chunk.video.length} pictures, wanted ${pictures}`;
  if (chunk.audio.length !== sounds) return `it has ${chunk.audio.length} units of sound, wanted ${sounds}`;
  const stray = chunk.video.find(
    (unit) => since(unit.shown) < 0 || since(unit.shown) >= span.end - span.start,
  );
  if (stray !== undefined)
    return `a picture is shown at tick ${stray.shown}, outside ${span.start} to ${span.end}`;
  return [chunk.video, chunk.audio].map(disorder).find((words) => words !== undefined);
}

function disorder(units: readonly ReadUnit[]): string | undefined {
  const odd = units.find((unit, index) => {
    const before = units[index - 1];
    const rises = before === undefined || signed(unit.decoded - before.decoded) > 0;
    return !rises || signed(unit.shown - unit.decoded) < 0;
  });
  return odd === undefined
    ? undefined
    : `a unit is decoded at tick ${odd.decoded} and shown at ${odd.shown}, out of order`;
}

/** Difference of two times on a clock that wraps. */
function signed(ticks: number): number {
  const ahead = ((ticks % clockWrap) + clockWrap) % clockWrap;
  return ahead < clockWrap / 2 ? ahead : ahead - clockWrap;
}
