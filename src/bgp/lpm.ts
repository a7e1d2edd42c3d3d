// Longest-prefix match at the size of the Internet.
//
// All prefixes of a family cut its addresses into intervals inside which the most specific prefix is the same. The
// intervals' first addresses, sorted, are the table; finding an address is finding the last of them that is not above
// it. An index over the top bits, about twice as many chunks as there are intervals, leaves one or two steps of binary
// search: one or two cache misses a lookup, memory by the number of intervals, nothing to walk. This is DXR with its
// range table in one piece. Source: M. Zec, L. Rizzo, M. Mikuc, "DXR: Towards a Billion Routing Lookups per Second in
// Software", ACM SIGCOMM CCR 42(5), 2012.
//
// IPv6 works on the top 64 bits, for hardly anything routed is longer than /64. Where longer prefixes exist (host
// routes), the /64's value points at a second, small set of intervals over the low 64 bits. Global unicast (2000::/3)
// is indexed, whatever lies outside is found by binary search over all.

/** Values are numbers below 2^31 that mean something to whoever built it; 0 is "no prefix covers this". */
export interface Lpm {
  /** Bits below the index's: a chunk is 2^shift addresses, or 2^shift · 2^29 top halves of IPv6 addresses. */
  readonly shift: number;
  /** Chunk → which interval covers its first address. One more than there are chunks. */
  readonly index: Uint32Array;
  /** IPv4: [first address, value] per interval. IPv6: [first address word 0, word 1, value]. */
  readonly bounds: Uint32Array;
  /** IPv6: where the intervals of the n-th /64 with longer prefixes begin; one more than there are. */
  readonly deepFrom: Uint32Array;
  /** IPv6: [word 2, word 3, value] per interval. */
  readonly deep: Uint32Array;
}

/** Set in a value that points at `deepFrom` in place of being one. */
export const deeper = 0x8000_0000;

/** The value that covers an IPv4 address, an unsigned 32-bit number. */
export function find4({ shift, index, bounds }: Lpm, address: number): number {
  const chunk = address >>> shift;
  let low = index[chunk] ?? 0;
  let high = index[chunk + 1] ?? 0;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((bounds[2 * middle] ?? 0) <= address) low = middle;
    else high = middle - 1;
  }
  return bounds[2 * low + 1] ?? 0;
}

/** The value that covers an IPv6 address, its four words unsigned, most significant first. */
export function find6(lpm: Lpm, word0: number, word1: number, word2: number, word3: number): number {
  const { shift, index, bounds } = lpm;
  let low = 0;
  let high = bounds.length / 3 - 1;
  if (word0 >>> 29 === 1) {
    const chunk = ((word0 << 3) | (word1 >>> 29)) >>> shift;
    low = index[chunk] ?? 0;
    high = index[chunk + 1] ?? 0;
  }
  const value = bounds[3 * lastNotAbove(bounds, low, high, word0, word1) + 2] ?? 0;
  if (value < deeper) return value;
  const from = lpm.deepFrom[value - deeper] ?? 0;
  const to = lpm.deepFrom[value - deeper + 1] ?? 0;
  return lpm.deep[3 * lastNotAbove(lpm.deep, from, to - 1, word2, word3) + 2] ?? 0;
}

/** Bytes of its arrays. */
export function lpmBytes({ index, bounds, deepFrom, deep }: Lpm): number {
  return index.byteLength + bounds.byteLength + deepFrom.byteLength + deep.byteLength;
}

/** The last of the triples `low`…`high` whose first two words are not above the words; the first is known not to be. */
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
