// What a PlayReady Object says, written anew without what would take players past our licences. An object is a list of records; the
// header among them is XML in UTF-16 and may say where licences (LA_URL) and pages that sell them (LUI_URL) are. Records of another
// kind can be licences themselves. Both are left out; the rest of the header stays byte for byte.
// Source: PlayReady Header Specification, PlayReady Object and PlayReady Header.
import { readXml, type XmlElement } from "./xml-read.ts";

export type ObjectReading =
  | { readonly kind: "object"; readonly bytes: Uint8Array }
  | { readonly kind: "unfit"; readonly because: string };

const headerType = 1;
/** Length and count of the object, type and length of its one record. */
const frameBytes = 10;
const addresses: ReadonlySet<string> = new Set(["LA_URL", "LUI_URL"]);
const addressElement = /<(LA_URL|LUI_URL)[ \t\r\n]*(?:\/>|>[^<]*<\/\1[ \t\r\n]*>)/g;

export function withoutAddresses(bytes: Uint8Array): ObjectReading {
  const headers = recordsOf(bytes)?.filter(({ type }) => type === headerType);
  if (headers === undefined) return unfit("its PlayReady Object does not end where it says");
  const [header] = headers;
  if (header === undefined || headers.length > 1) return unfit("its PlayReady Object has not one header");
  const text = utf16(header.value);
  const root = text === undefined ? undefined : headerIn(text);
  if (text === undefined || root === undefined) return unfit("its PlayReady header is no header in UTF-16");
  if (!hasAddress(root)) return { kind: "object", bytes: objectOf(header.value) };
  const bare = text.replaceAll(addressElement, "");
  const left = headerIn(bare);
  if (left === undefined || hasAddress(left))
    return unfit("its PlayReady header has an address that cannot be left out");
  return { kind: "object", bytes: objectOf(bytesOfUtf16(bare)) };
}

function unfit(because: string): ObjectReading {
  return { kind: "unfit", because };
}

interface ObjectRecord {
  readonly type: number;
  readonly value: Uint8Array;
}

/** Undefined: lengths and count do not agree with the bytes. */
function recordsOf(bytes: Uint8Array): readonly ObjectRecord[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < frameBytes || view.getUint32(0, true) !== bytes.length) return undefined;
  const count = view.getUint16(4, true);
  const records: ObjectRecord[] = [];
  let at = 6;
  while (records.length < count && at + 4 <= bytes.length) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (end > bytes.length) return undefined;
    records.push({ type: view.getUint16(at, true), value: bytes.subarray(at + 4, end) });
    at = end;
  }
  return records.length === count && at === bytes.length ? records : undefined;
}

function objectOf(header: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(frameBytes + header.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, 1, true);
  view.setUint16(6, headerType, true);
  view.setUint16(8, header.length, true);
  bytes.set(header, frameBytes);
  return bytes;
}

function utf16(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-16le", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function bytesOfUtf16(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < text.length; at++) view.setUint16(at * 2, text.charCodeAt(at), true);
  return bytes;
}

function headerIn(text: string): XmlElement | undefined {
  const reading = readXml(text);
  return reading.kind === "read" && reading.root.name === "WRMHEADER" ? reading.root : undefined;
}

function hasAddress({ name, children }: XmlElement): boolean {
  return addresses.has(name.toUpperCase()) || children.some(hasAddress);
}
