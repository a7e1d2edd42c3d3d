// What all BGP messages share: the header, their kinds, and the error that a broken one calls for.
// Source: RFC 4271 §4.1 and §6.1; RFC 2918 (ROUTE-REFRESH); RFC 8654 (long messages).

export const headerLength = 19;
export const shortLimit = 4096;
/** Longest message once both sides spoke of RFC 8654; OPEN and KEEPALIVE keep to `shortLimit`. */
export const longLimit = 65_535;

export const openType = 1;
export const updateType = 2;
export const notificationType = 3;
export const keepaliveType = 4;
export const refreshType = 5;

/** What is answered with a NOTIFICATION: code and subcode of RFC 4271 §4.5, its data, and a sentence for the log. */
export interface ProtocolError {
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
  readonly because: string;
}

export const noData = new Uint8Array(0);

export function protocolError(
  code: number,
  subcode: number,
  because: string,
  data: Uint8Array = noData,
): ProtocolError {
  return { code, subcode, because, data };
}

export function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

export function u32(bytes: Uint8Array, at: number): number {
  return ((u16(bytes, at) << 16) | u16(bytes, at + 2)) >>> 0;
}

export function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

/** The big-endian octets of a 16-bit number: what most NOTIFICATION data is. */
export function octets16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 0xff);
}

export function octets32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A whole message: header, then body. */
export function messageOf(type: number, ...body: readonly Uint8Array[]): Uint8Array {
  const header = new Uint8Array(headerLength).fill(0xff, 0, 16);
  const message = joined([header, ...body]);
  put16(message, 16, message.length);
  message[18] = type;
  return message;
}

export const keepaliveMessage: Uint8Array = messageOf(keepaliveType);

/** Checks a header of which all 19 octets are there. `longest` is the limit the session agreed on. */
export function headerError(bytes: Uint8Array, at: number, longest: number): ProtocolError | undefined {
  for (let i = at; i < at + 16; i++) {
    if (bytes[i] !== 0xff) return protocolError(1, 1, "the marker is not sixteen octets of 255");
  }
  const length = u16(bytes, at + 16);
  const type = bytes[at + 18] ?? 0;
  if (type < openType || type > refreshType) {
    return protocolError(1, 3, `message type ${type} is unknown`, Uint8Array.of(type));
  }
  const [least, most] = lengthsOf(type, longest);
  if (length >= least && length <= most) return undefined;
  const because = `a message of type ${type} has ${length} octets; wanted ${least} to ${most}`;
  return protocolError(1, 2, because, octets16(length));
}

/** ROUTE-REFRESH of another length is an error of its own (RFC 7313 §5), found where it is read. */
function lengthsOf(type: number, longest: number): readonly [number, number] {
  switch (type) {
    case openType:
      return [29, shortLimit];
    case updateType:
      return [23, longest];
    case notificationType:
      return [21, longest];
    case keepaliveType:
      return [headerLength, headerLength];
    default:
      return [headerLength, longest];
  }
}
