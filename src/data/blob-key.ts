// Which names things may have in a blob store: those that every store can hold, a folder and S3 alike.

/** Source: Amazon S3 User Guide, "Naming Amazon S3 objects": 1024 bytes of UTF-8. */
const longestKey = 1024;
/** Linux's names have 255 bytes, and the folder puts a sign before them. */
const longestPart = 254;
const encoder = new TextEncoder();
/** No name that a person reads holds them, and XML cannot carry them. */
const control = /\p{Cc}/u;

/** What is wrong with a key; undefined when nothing is. */
export function keyComplaint(key: string): string | undefined {
  if (key === "") return "it is empty";
  if (!key.isWellFormed()) return "it holds half a character";
  if (control.test(key)) return "it holds a NUL or another control character";
  const size = encoder.encode(key).length;
  if (size > longestKey) return `it has ${size} bytes; ${longestKey} are the most`;
  for (const part of key.split("/")) {
    if (part === "") return "it has an empty part: a slash at its start, its end, or after another";
    if (part === "." || part === "..") return `it has the part "${part}"`;
    const bytes = encoder.encode(part).length;
    if (bytes > longestPart) return `a part of it has ${bytes} bytes; ${longestPart} are the most`;
  }
  return undefined;
}

/** Bytes [first, end) of a whole; undefined when the range begins behind its end. */
export function spanOf(
  range: { readonly from: number; readonly to?: number | undefined } | { readonly last: number } | undefined,
  size: number,
): { readonly first: number; readonly end: number } | undefined {
  if (range === undefined) return { first: 0, end: size };
  if ("last" in range)
    return range.last > 0 && size > 0 ? { first: Math.max(0, size - range.last), end: size } : undefined;
  const { from, to = size - 1 } = range;
  return from < size && to >= from ? { first: from, end: Math.min(size, to + 1) } : undefined;
}
