// The OPEN message. Source: RFC 4271 §4.2 and §6.2; RFC 5492 (capabilities); RFC 6793 (four-octet AS);
// RFC 9072 (optional parameters of more than 255 octets).
import { type Capabilities, readCapabilities, writeCapabilities } from "./capability.ts";
import {
  joined,
  messageOf,
  octets16,
  octets32,
  openType,
  type ProtocolError,
  protocolError,
  u16,
  u32,
} from "./message.ts";

/** Stands in a two-octet field for an AS number that does not fit. */
export const asTrans = 23_456;

export interface Open {
  /** The speaker's AS number, from the capability where it was sent. */
  readonly as: number;
  /** 0: no keepalives and no hold timer; else at least 3. */
  readonly holdSeconds: number;
  /** Never 0. */
  readonly routerId: number;
  readonly capabilities: Capabilities;
}

export type OpenReading =
  | { readonly kind: "open"; readonly open: Open }
  | { readonly kind: "refused"; readonly error: ProtocolError };

const bodyAt = 19;
const capabilityParameter = 2;
const extendedMark = 255;

/** Reads the message that lies at [start, end) of `bytes`; the header has been checked. */
export function readOpen(bytes: Uint8Array, start: number, end: number): OpenReading {
  const message = bytes.subarray(start, end);
  const version = message[bodyAt];
  if (version !== 4) return refused(1, `BGP version 4 was wanted, found ${version}`, octets16(4));
  const holdSeconds = u16(message, bodyAt + 3);
  if (holdSeconds === 1 || holdSeconds === 2) {
    return refused(6, `a hold time of ${holdSeconds} s is not allowed`);
  }
  const routerId = u32(message, bodyAt + 5);
  if (routerId === 0) return refused(3, "the BGP identifier is 0.0.0.0");
  const parameters = readParameters(message);
  if (!Array.isArray(parameters)) return { kind: "refused", error: parameters };
  const reading = readCapabilities(parameters);
  if (reading.kind === "refused") return refused(0, reading.because);
  const as = reading.capabilities.fourOctetAs ?? u16(message, bodyAt + 1);
  // RFC 7607: AS 0 speaks to nobody.
  if (as === 0) return refused(2, "AS 0 is not allowed");
  return { kind: "open", open: { as, holdSeconds, routerId, capabilities: reading.capabilities } };
}

/** The capability parameters' values. */
function readParameters(message: Uint8Array): Uint8Array[] | ProtocolError {
  const found: Uint8Array[] = [];
  const broken = protocolError(2, 0, "the optional parameters do not fit the message");
  let length = message[bodyAt + 9] ?? 0;
  let at = bodyAt + 10;
  // RFC 9072 §2: the mark is in the first parameter's type too.
  const isExtended = length === extendedMark && message[at] === extendedMark;
  if (isExtended) {
    length = u16(message, at + 1);
    at += 3;
  }
  if (at + length !== message.length) return broken;
  const head = isExtended ? 3 : 2;
  while (at < message.length) {
    if (at + head > message.length) return broken;
    const size = isExtended ? u16(message, at + 1) : (message[at + 1] ?? 0);
    const type = message[at];
    if (at + head + size > message.length) return broken;
    if (type !== capabilityParameter) return protocolError(2, 4, `optional parameter ${type} is unknown`);
    found.push(message.subarray(at + head, at + head + size));
    at += head + size;
  }
  return found;
}

function refused(subcode: number, because: string, data?: Uint8Array): OpenReading {
  return { kind: "refused", error: protocolError(2, subcode, because, data) };
}

export function writeOpen(open: Open): Uint8Array {
  const { as, holdSeconds, routerId } = open;
  const value = writeCapabilities(open.capabilities);
  const isExtended = value.length + 2 > 255;
  const parameters = isExtended
    ? joined([
        Uint8Array.of(extendedMark, extendedMark),
        octets16(value.length + 3),
        Uint8Array.of(capabilityParameter),
        octets16(value.length),
        value,
      ])
    : value.length === 0
      ? Uint8Array.of(0)
      : joined([Uint8Array.of(value.length + 2, capabilityParameter, value.length), value]);
  return messageOf(
    openType,
    Uint8Array.of(4),
    octets16(as > 0xffff ? asTrans : as),
    octets16(holdSeconds),
    octets32(routerId),
    parameters,
  );
}
