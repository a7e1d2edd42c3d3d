// Whether a body is the file that was asked for: its length and hash where the title's index says them, and otherwise at
// least its frame of boxes (ISO/IEC 14496-12 §4.2) or, for a manifest, its two ends.

export type Media = "video" | "audio" | "init" | "manifest";

/** What is known of a file before it is asked for. */
export interface Expected {
  readonly media: Media;
  readonly bytes: number | undefined;
  /** First hex digits of its sha256. */
  readonly sha256Prefix: string | undefined;
}

/** No file of a package comes near it; a body without an end must not fill the page's memory. */
export const longestBody = 256 << 20;

/** Before the body is read: a length that cannot be right. Undefined: nothing speaks against it. */
export function lengthFault(declared: number | undefined, expected: Expected): string | undefined {
  if (declared === undefined || expected.bytes === undefined || declared === expected.bytes) return undefined;
  return `announces ${declared} bytes where the title's index says ${expected.bytes}`;
}

/** Of a whole body, without its hash. */
export function bodyFault(body: Uint8Array, expected: Expected): string | undefined {
  const { bytes, media } = expected;
  if (bytes !== undefined && body.length !== bytes)
    return `sent ${body.length} bytes where the title's index says ${bytes}`;
  return media === "manifest" ? manifestFault(body) : boxFault(body, media);
}

export function hashFault(sha256: string, expected: Expected): string | undefined {
  const { sha256Prefix: wanted } = expected;
  if (wanted === undefined || sha256.startsWith(wanted)) return undefined;
  return `sent other bytes than the title's index knows: sha256 begins with ${sha256.slice(0, wanted.length)}, not ${wanted}`;
}

function manifestFault(body: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(body).trim();
  const whole = /^<(\?xml|MPD)\b/.test(text) && text.endsWith("</MPD>");
  return whole ? undefined : "sent something that is no whole manifest";
}

/** Which boxes must stand at the top of a file. */
const needed: Readonly<Record<Exclude<Media, "manifest">, readonly string[]>> = {
  init: ["ftyp", "moov"],
  video: ["moof", "mdat"],
  audio: ["moof", "mdat"],
};

function boxFault(body: Uint8Array, media: Exclude<Media, "manifest">): string | undefined {
  const boxes = topBoxes(body);
  if (boxes === undefined) return "sent a file whose boxes do not end where it ends";
  const lacking = needed[media].find((name) => !boxes.includes(name));
  return lacking === undefined ? undefined : `sent a file without its ${lacking} box`;
}

/** Undefined when they do not tile the body exactly. */
function topBoxes(body: Uint8Array): readonly string[] | undefined {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const names: string[] = [];
  let offset = 0;
  while (offset + 8 <= body.length) {
    const short = view.getUint32(offset);
    const long = short === 1 && offset + 16 <= body.length;
    const size = long ? Number(view.getBigUint64(offset + 8)) : short === 0 ? body.length - offset : short;
    if (size < (long ? 16 : 8)) return undefined;
    names.push(String.fromCharCode(...body.subarray(offset + 4, offset + 8)));
    offset += size;
  }
  return offset === body.length ? names : undefined;
}

/** An empty `free` box: a file that may be appended and shows nothing. What stands in for a segment that is skipped. */
export const nothingToShow: Uint8Array = Uint8Array.of(0, 0, 0, 8, 0x66, 0x72, 0x65, 0x65);
