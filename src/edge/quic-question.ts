// A question that every QUIC server answers, whatever version it speaks: a first packet of a version that nobody has. The
// answer, Version Negotiation, costs no handshake and no certificate. Source: RFC 8999 §5.1 and §6, RFC 9000 §6.1 and §15.

/** A server need not answer less. Source: RFC 9000 §14.1. */
const leastBytes = 1200;
/** Of the versions that are kept for being unknown (0x?a?a?a?a). */
const unknownVersion = 0x1a2a3a4a;
const idBytes = 8;

/** `ids`: 16 bytes at random, the destination's and the source's connection id. */
export function quicQuestion(ids: Buffer): Buffer {
  const packet = Buffer.alloc(leastBytes);
  packet.writeUInt8(0b1100_0000, 0);
  packet.writeUInt32BE(unknownVersion, 1);
  packet.writeUInt8(idBytes, 5);
  ids.copy(packet, 6, 0, idBytes);
  packet.writeUInt8(idBytes, 6 + idBytes);
  ids.copy(packet, 7 + idBytes, idBytes, 2 * idBytes);
  return packet;
}

/** Whether a datagram is the answer: version 0, and our ids the other way round, which nobody else knows. */
export function isQuicAnswer(ids: Buffer, datagram: Buffer): boolean {
  if (datagram.length < 11 + 2 * idBytes) return false;
  const isLong = (datagram.readUInt8(0) & 0b1000_0000) !== 0;
  if (!isLong || datagram.readUInt32BE(1) !== 0) return false;
  const lengths = [datagram.readUInt8(5), datagram.readUInt8(6 + idBytes)];
  if (lengths.some((length) => length !== idBytes)) return false;
  const to = datagram.subarray(6, 6 + idBytes);
  const from = datagram.subarray(7 + idBytes, 7 + 2 * idBytes);
  return to.equals(ids.subarray(idBytes, 2 * idBytes)) && from.equals(ids.subarray(0, idBytes));
}
