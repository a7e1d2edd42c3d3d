// The letters of a file that a person saved, whichever program saved it.

export type Decoding =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "refused"; readonly line: number; readonly because: string };

/**
 * A byte order mark says what the file is; else `charset` does, as the sender named it; else it is UTF-8. What does not fit is
 * refused, never guessed: a wrong guess would put wrong letters into every name. Source: WHATWG Encoding §4.2.
 */
export function decoded(bytes: Uint8Array, charset: string | undefined): Decoding {
  const label = markOf(bytes) ?? charset ?? "utf-8";
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(label, { fatal: true });
  } catch {
    return { kind: "refused", line: 1, because: `there is no encoding "${label}"` };
  }
  try {
    return { kind: "text", text: decoder.decode(bytes) };
  } catch {
    const line = firstBadLine(bytes, label);
    return {
      kind: "refused",
      line,
      because: `the bytes of this line are not ${label}: save the file as UTF-8, or name its encoding`,
    };
  }
}

function markOf([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : undefined;
}

/** Lines are decoded one after the other; in encodings of two bytes the first line is named. */
function firstBadLine(bytes: Uint8Array, label: string): number {
  if (label.startsWith("utf-16")) return 1;
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    const stop = end < 0 ? bytes.length : end + 1;
    try {
      new TextDecoder(label, { fatal: true }).decode(bytes.subarray(start, stop));
    } catch {
      return line;
    }
    start = stop;
  }
  return line;
}
