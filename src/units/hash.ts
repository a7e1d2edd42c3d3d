// Pure hashing for placement and tie-breaking: the same on every machine, in the browser and in the simulator.
// Not for security; signatures and content hashes use node:crypto in io/.

/**
 * 64-bit hash of a text as two unsigned 32-bit halves: FNV-1a per half with different offsets, then the
 * MurmurHash3 finaliser so that similar ids (seg-1, seg-2) land far apart.
 */
export function hash64(text: string): readonly [high: number, low: number] {
  let high = 0x811c9dc5;
  let low = 0xcbf29ce4;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul(low ^ unit ^ (high >>> 15), 0x85ebca6b);
  }
  return [finalise(high ^ (low >>> 7)), finalise(low ^ (high >>> 11))];
}

/** A text's place in the open interval (0, 1), 52 bits fine: the half keeps both ends out. */
export function unitInterval(text: string): number {
  const [high, low] = hash64(text);
  return ((high >>> 0) * 2 ** 20 + (low >>> 12) + 0.5) / 2 ** 52;
}

/** A pair's place in the open interval (0, 1), from the hashes of both: quicker than hashing their texts together. */
export function pairInterval(
  a: readonly [high: number, low: number],
  b: readonly [high: number, low: number],
): number {
  const high = finalise(a[0] ^ finalise(b[0] ^ Math.imul(a[1], 0x85ebca6b)));
  const low = finalise(a[1] ^ finalise(b[1] ^ high));
  return (high * 2 ** 20 + (low >>> 12) + 0.5) / 2 ** 52;
}

/** MurmurHash3's 32-bit finaliser. Source: A. Appleby, MurmurHash3 (public domain), fmix32. */
function finalise(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
