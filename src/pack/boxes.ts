// MP4 boxes over plain bytes: read within bounds, never past them, and written again. Source: ISO/IEC 14496-12 §4.2.

/** Malformed or unfit input, in words that name the place. An answer, not an exception. */
export interface Refused {
  readonly kind: "refused";
  readonly because: string;
}

export const refused = (because: string): Refused => ({ kind: "refused", because });

/** One box: `start` is its first header byte, `body` the first after the header, `end` the first after the box. */
export interface Box {
  readonly type: string;
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

export type Boxes = { readonly kind: "read"; readonly boxes: readonly Box[] } | Refused;

/** More boxes than this in one container is not a film: two hours have some thousand fragments. */
const maxBoxes = 100_000;

/** The boxes that fill [from, to) exactly, one after the other. */
export function readBoxes(bytes: Uint8Array, from: number, to: number): Boxes {
  const boxes: Box[] = [];
  let at = from;
  while (at < to) {
    const header = cursorOver(bytes, at, to);
    const short = header.u32();
    const type = fourCc(header.u32());
    const size = short === 1 ? header.u64() : short === 0 ? to - at : short;
    const body = at + (short === 1 ? 16 : 8);
    if (!header.sound()) return refused(`at byte ${at} a box header is cut off`);
    if (at + size < body) return refused(`at byte ${at} box "${type}" claims only ${size} bytes`);
    if (at + size > to)
      return refused(`at byte ${at} box "${type}" claims ${size} bytes, ${to - at} are there`);
    if (boxes.length === maxBoxes) return refused(`more than ${maxBoxes} boxes in one container`);
    boxes.push({ type, start: at, body, end: at + size });
    at += size;
  }
  return { kind: "read", boxes };
}

/** The only box at this path below `parent`; undefined when it is missing, there twice, or its container is malformed. */
export function boxAt(bytes: Uint8Array, parent: Box, ...path: readonly string[]): Box | undefined {
  let here = parent;
  for (const type of path) {
    const inside = readBoxes(bytes, here.body, here.end);
    if (inside.kind === "refused") return undefined;
    const [only, second] = inside.boxes.filter((box) => box.type === type);
    if (only === undefined || second !== undefined) return undefined;
    here = only;
  }
  return here;
}

/** Reads numbers forward. Past the end, or beyond 2^53, it turns unsound for good and answers 0. */
export interface Cursor {
  readonly u8: () => number;
  readonly u16: () => number;
  readonly u32: () => number;
  readonly i32: () => number;
  readonly u64: () => number;
  readonly skip: (count: number) => void;
  readonly position: () => number;
  readonly sound: () => boolean;
}

export function cursorOver(bytes: Uint8Array, from: number, to: number): Cursor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const limit = Math.min(to, bytes.length);
  let position = from;
  let sound = from >= 0 && from <= limit;
  const take = (count: number, read: (at: number) => number): number => {
    sound &&= limit - position >= count;
    if (!sound) return 0;
    position += count;
    return read(position - count);
  };
  const u64 = (at: number): number => {
    const high = view.getUint32(at);
    sound &&= high < 2 ** 21;
    return sound ? high * 2 ** 32 + view.getUint32(at + 4) : 0;
  };
  return {
    u8: () => take(1, (at) => view.getUint8(at)),
    u16: () => take(2, (at) => view.getUint16(at)),
    u32: () => take(4, (at) => view.getUint32(at)),
    i32: () => take(4, (at) => view.getInt32(at)),
    u64: () => take(8, u64),
    skip: (count) => void take(count, () => 0),
    position: () => position,
    sound: () => sound,
  };
}

export function box(type: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(parts);
  return concat([u32s([body.length + 8]), ascii(type), body]);
}

/** Unsigned or two's complement 32-bit numbers, most significant byte first. */
export function u32s(numbers: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(numbers.length * 4));
  for (const [index, number] of numbers.entries()) view.setUint32(index * 4, number);
  return new Uint8Array(view.buffer);
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function fourCc(number: number): string {
  return String.fromCharCode(number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255);
}
