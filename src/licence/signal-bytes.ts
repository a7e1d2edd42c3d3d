// The bytes that key systems put into packages, looked at from outside: whose they are, and that they end where they say. What they
// hold is between the provider and its players, but for a PlayReady Object: playready-object.ts.

/** Of one box or one header; a PlayReady header has 10 KiB by its own rules. */
export const mostSignalBytes = 16 * 1024;

const base64Form = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Undefined: it is no base64, or more than `most` bytes. Blanks and line ends inside are passed over. */
export function bytesOf(text: string, most: number): Uint8Array | undefined {
  if (text.length > most * 2) return undefined;
  const bare = text.replaceAll(/[ \t\r\n]+/g, "");
  if (!base64Form.test(bare)) return undefined;
  const bytes = Uint8Array.from(atob(bare), (letter) => letter.charCodeAt(0));
  return bytes.length > most ? undefined : bytes;
}

export function base64Text(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/**
 * What is wrong with a `pssh` box of this system for this key; undefined when nothing is. Source: ISO/IEC 23001-7 §8.1.
 */
export function psshComplaint(bytes: Uint8Array, systemId: string, kid: string): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isBox = bytes.length >= 32 && view.getUint32(0) === bytes.length && hexAt(bytes, 4, 4) === psshType;
  if (!isBox) return "its pssh is not one whole box";
  if (hexAt(bytes, 12, 16) !== systemId.replaceAll("-", "")) return "its pssh is another system's";
  const version = view.getUint8(8);
  if (version > 1) return "its pssh is of a version that is not known";
  const kids = version === 0 ? 0 : view.getUint32(28);
  const dataAt = version === 0 ? 28 : 32 + kids * 16;
  if (dataAt + 4 > bytes.length || dataAt + 4 + view.getUint32(dataAt) !== bytes.length)
    return "its pssh does not end where it says";
  const named = Array.from({ length: kids }, (_, index) => hexAt(bytes, 32 + index * 16, 16));
  return version === 1 && !named.includes(kid) ? "its pssh does not name the key" : undefined;
}

const psshType = "70737368";

/** The same box with other data. It is whole, as `psshComplaint` has it. */
export function psshWith(box: Uint8Array, change: (data: Uint8Array) => Uint8Array): Uint8Array {
  const view = new DataView(box.buffer, box.byteOffset, box.byteLength);
  const sizeAt = view.getUint8(8) === 0 ? 28 : 32 + view.getUint32(28) * 16;
  const data = change(box.subarray(sizeAt + 4));
  const bytes = new Uint8Array(sizeAt + 4 + data.length);
  bytes.set(box.subarray(0, sizeAt));
  bytes.set(data, sizeAt + 4);
  const changed = new DataView(bytes.buffer);
  changed.setUint32(0, bytes.length);
  changed.setUint32(sizeAt, data.length);
  return bytes;
}

function hexAt(bytes: Uint8Array, from: number, length: number): string {
  const part = bytes.subarray(from, from + length);
  return Array.from(part, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
