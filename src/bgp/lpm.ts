// Longest-prefix match at the size of the Internet.
//
// All prefixes of a family cut its addresses into intervals inside which the most specific prefix is the same. The
// intervals' first addresses, sorted, are the table; finding an address is finding the last of them that is not above
// it. An index over the top bits cuts the table into chunks; within a chunk only the bits below the index need to be
// kept (16 of IPv4's 32) and a binary search takes a few steps in one or two cache lines. What decides the speed is
// how much of it all stays in the processor's cache, so each part is as narrow as it can be.
// Source: M. Zec, L. Rizzo, M. Mikuc, "DXR: Towards a Billion Routing Lookups per Second in Software", ACM SIGCOMM CCR
// 42(5), 2012.
//
// IPv6 works on the top 64 bits, for hardly anything routed is longer than /64. Where longer prefixes exist (host
// routes), the /64's value points at a second, small set of intervals over the low 64 bits. Only global unicast
// (2000::/3) is indexed; the little outside of it is a list of its own.

/** Values are numbers below 2^31 that mean something to whoever built it; 0 is "no prefix covers this". */
export interface Lpm4 {
  /** Bits of an address below the index's, 16 at most. */
  readonly shift: number;
  /** Chunk → its first interval; one more than there are chunks. */
  readonly index: Uint32Array;
  /** Interval → its first address, the bits below the index's. A chunk's first interval begins at 0. */
  readonly starts: Uint16Array;
  readonly values: Uint32Array;
}

export interface Lpm6 {
  /** Of the index, after the leading 001. */
  readonly indexBits: number;
  readonly index: Uint32Array;
  /** Interval → the 32 bits of its first address after those of the index. */
  readonly tops: Uint32Array;
  /** Interval → what then remains of the top 64 bits, 16 at most. */
  readonly lows: Uint16Array;
  readonly values: Uint32Array;
  /** Outside of 2000::/3: [word 0, word 1, value] per interval. */
  readonly outside: Uint32Array;
  /** Where the intervals of the n-th /64 with longer prefixes begin in `deep`; one more than there are. */
  readonly deepFrom: Uint32Array;
  /** [word 2, word 3, value] per interval. */
  readonly deep: Uint32Array;
}

/** Set in an IPv6 value that points at `deepFrom` in place of being one. */
export const deeper = 0x8000_0000;

/** The value that covers an IPv4 address, an unsigned 32-bit number. */
export function find4({ shift, index, starts, values }: Lpm4, address: number): number {
  const chunk = address >>> shift;
  const rest = address & ((1 << shift) - 1);
  let low = index[chunk] ?? 0;
  let high = (index[chunk + 1] ?? 0) - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] ?? 0) <= rest) low = middle;
    else high = middle - 1;
  }
  return values[low] ?? 0;
}

/** The value that covers an IPv6 address, its four words unsigned, most significant first. */
export function find6(lpm: Lpm6, word0: number, word1: number, word2: number, word3: number): number {
  const value = word0 >>> 29 === 1 ? indexed(lpm, word0, word1) : outsider(lpm, word0, word1);
  if (value < deeper) return value;
  const from = lpm.deepFrom[value - deeper] ?? 0;
  const to = lpm.deepFrom[value - deeper + 1] ?? 0;
  return lpm.deep[3 * lastNotAbove(lpm.deep, from, to - 1, word2, word3) + 2] ?? 0;
}

/** Bytes of its arrays. */
export function lpmBytes(lpm: Lpm4 | Lpm6): number {
  return Object.values(lpm).reduce(
    (sum: number, part: unknown) => sum + (ArrayBuffer.isView(part) ? part.byteLength : 0),
    0,
  );
}

function indexed(lpm: Lpm6, word0: number, word1: number): number {
  const { indexBits, index, tops, lows } = lpm;
  const chunk = ((word0 << 3) | (word1 >>> 29)) >>> (32 - indexBits);
  const top = ((word0 << (3 + indexBits)) | (word1 >>> (29 - indexBits))) >>> 0;
  const rest = word1 & ((1 << (29 - indexBits)) - 1);
  let low = index[chunk] ?? 0;
  let high = (index[chunk + 1] ?? 0) - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    const here = tops[middle] ?? 0;
    if (here < top || (here === top && (lows[middle] ?? 0) <= rest)) low = middle;
    else high = middle - 1;
  }
  return lpm.values[low] ?? 0;
}

function outsider({ outside }: Lpm6, word0: number, word1: number): number {
  return outside[3 * lastNotAbove(outside, 0, outside.length / 3 - 1, word0, word1) + 2] ?? 0;
}

/** The last of some triples whose first two words are not above the words; the first of them is known not to be. */
function lastNotAbove(
  triples: Uint32Array,
  first: number,
  last: number,
  word0: number,
  word1: number,
): number {
  let low = first;
  let high = last;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    const top = triples[3 * middle] ?? 0;
    if (top < word0 || (top === word0 && (triples[3 * middle + 1] ?? 0) <= word1)) low = middle;
    else high = middle - 1;
  }
  return low;
}
