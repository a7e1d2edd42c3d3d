// Where the pictures that stand alone lie in a segment's bytes: from a fragment's moof to the end of its first sample, the
// start of its mdat between them. A player that winds the film fetches these alone. Read from the finished bytes, so they
// are right for whatever wrote them. Source: RFC 8216 §4.3.3.6 (I-frame playlists).
import { type Refused, readBoxes, refused } from "./boxes.ts";
import { readFragments, ticksOf } from "./fragment.ts";
import type { Init } from "./init.ts";
import type { Keyframe } from "./track.ts";

export type KeyframesRead = { readonly kind: "read"; readonly keyframes: readonly Keyframe[] } | Refused;

export function keyframesIn(bytes: Uint8Array, init: Init): KeyframesRead {
  const top = readBoxes(bytes, 0, bytes.length);
  if (top.kind === "refused") return top;
  const read = readFragments(bytes, top.boxes, init);
  if (read.kind === "refused") return read;
  const headers = top.boxes.filter((one) => one.type === "moof");
  const bodies = top.boxes.filter((one) => one.type === "mdat");
  const keyframes: Keyframe[] = [];
  for (const [index, fragment] of read.fragments.entries()) {
    const [moof, mdat, first] = [headers[index], bodies[index], fragment.samples[0]];
    if (moof === undefined || mdat === undefined || first === undefined)
      return refused(`fragment ${index + 1} has no picture`);
    const end = mdat.body + first.bytes;
    const at = { start: fragment.baseTime, duration: ticksOf(fragment) };
    keyframes.push({ ...at, offset: moof.start, bytes: end - moof.start });
  }
  return { kind: "read", keyframes };
}
