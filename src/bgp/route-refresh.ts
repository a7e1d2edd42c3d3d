// ROUTE-REFRESH: say it all again. Source: RFC 2918; RFC 7313 (begin and end of such a telling).
import { afiOf, type Family, familyOf, unicast } from "./family.ts";
import {
  headerLength,
  messageOf,
  octets16,
  type ProtocolError,
  protocolError,
  refreshType,
  u16,
} from "./message.ts";

export type RefreshKind = "request" | "begin" | "end";

export type RefreshReading =
  | { readonly kind: "refresh"; readonly family: Family; readonly what: RefreshKind }
  /** Another family, or a kind that is not known: passed over. */
  | { readonly kind: "ignored" }
  | { readonly kind: "refused"; readonly error: ProtocolError };

const kinds: readonly RefreshKind[] = ["request", "begin", "end"];
const wholeLength = headerLength + 4;

export function readRefresh(bytes: Uint8Array, start: number, end: number): RefreshReading {
  const what = kinds[bytes[start + headerLength + 2] ?? 0];
  const length = end - start;
  // RFC 2918 messages may carry outbound filters (RFC 5291), which are longer; only those of RFC 7313 may not.
  if (length < wholeLength || (length > wholeLength && what !== "request")) {
    const because = `a ROUTE-REFRESH has ${length} octets; wanted ${wholeLength}`;
    return { kind: "refused", error: protocolError(7, 1, because, bytes.slice(start, end)) };
  }
  const family = familyOf(u16(bytes, start + headerLength), bytes[start + headerLength + 3] ?? 0);
  if (family === undefined || what === undefined) return { kind: "ignored" };
  return { kind: "refresh", family, what };
}

export function writeRefresh(family: Family, what: RefreshKind): Uint8Array {
  return messageOf(refreshType, octets16(afiOf(family)), Uint8Array.of(kinds.indexOf(what), unicast));
}
