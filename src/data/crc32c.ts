// The checksum that tells a whole record from a torn or rotten one.

/** Source: RFC 3720 §12.1 and appendix B.4: the Castagnoli polynomial 0x1EDC6F41, bit-reversed. */
const polynomial = 0x82f63b78;
const table = makeTable();

/** CRC32C of `bytes[from, to)`, unsigned. */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = 0xffffffff;
  for (let at = from; at < to; at++) {
    crc = (table[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function makeTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? polynomial ^ (value >>> 1) : value >>> 1;
    return value >>> 0;
  });
}
