// Reads what encode must know of its own fragmented MP4 files: the init bytes, and each fragment's frames and sizes.
// Source: ISO/IEC 14496-12 §8.8 (moof, tfhd, trun).

export interface Fragment {
  /** Size of each frame in bytes, in decode order. */
  readonly frameBytes: readonly number[];
}

export interface FragmentedFile {
  /** End of ftyp+moov. */
  readonly initEnd: number;
  readonly fragments: readonly Fragment[];
}

interface Box {
  readonly type: string;
  readonly start: number;
  readonly bodyStart: number;
  readonly end: number;
}

/** The file's structure, or undefined when it is not a whole fragmented MP4 (cut off, garbage, no fragments). */
export function readFragments(file: Uint8Array): FragmentedFile | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const top = boxesIn(view, 0, file.byteLength);
  const moov = top?.find((box) => box.type === "moov");
  if (top === undefined || moov === undefined) return undefined;
  const fragments: Fragment[] = [];
  for (const [index, moof] of top.entries()) {
    if (moof.type !== "moof") continue;
    const fragment = readMoof(view, moof);
    const data = top[index + 1];
    if (fragment === undefined || data?.type !== "mdat") return undefined;
    const sum = fragment.frameBytes.reduce((total, size) => total + size, 0);
    if (sum !== data.end - data.bodyStart) return undefined;
    fragments.push(fragment);
  }
  return { initEnd: moov.end, fragments };
}

/** Boxes side by side that fill [start, end) exactly, or undefined. */
function boxesIn(view: DataView, start: number, end: number): readonly Box[] | undefined {
  const boxes: Box[] = [];
  let at = start;
  while (at < end) {
    if (end - at < 8) return undefined;
    const small = view.getUint32(at);
    if (small === 1 && end - at < 16) return undefined;
    const large = small === 1;
    const size = large ? Number(view.getBigUint64(at + 8)) : small;
    const head = large ? 16 : 8;
    if (size < head || at + size > end) return undefined;
    const type = [4, 5, 6, 7].map((offset) => String.fromCharCode(view.getUint8(at + offset))).join("");
    boxes.push({ type, start: at, bodyStart: at + head, end: at + size });
    at += size;
  }
  return boxes;
}

export interface BoxHead {
  readonly type: string;
  /** All of the box, its head included. */
  readonly size: number;
  readonly headSize: number;
}

/** The head of a box from its first 16 bytes (8 are enough for a small one); undefined when they are none. */
export function boxHead(bytes: Uint8Array): BoxHead | undefined {
  if (bytes.byteLength < 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const small = view.getUint32(0);
  const large = small === 1;
  if (large && bytes.byteLength < 16) return undefined;
  const size = large ? Number(view.getBigUint64(8)) : small;
  const headSize = large ? 16 : 8;
  const type = [4, 5, 6, 7].map((offset) => String.fromCharCode(view.getUint8(offset))).join("");
  return size < headSize ? undefined : { type, size, headSize };
}

/** Frame sizes of one whole moof box, or undefined when it is none. */
export function fragmentOf(moof: Uint8Array): readonly number[] | undefined {
  const view = new DataView(moof.buffer, moof.byteOffset, moof.byteLength);
  const [box, ...others] = boxesIn(view, 0, moof.byteLength) ?? [];
  if (box?.type !== "moof" || others.length > 0) return undefined;
  return readMoof(view, box)?.frameBytes;
}

/**
 * The file's fragments, without its init, `ticks` later: what can be put behind another file of the same init.
 * Undefined when it is not a whole fragmented MP4.
 */
export function laterFragments(file: Uint8Array, ticks: number): Uint8Array | undefined {
  const structure = readFragments(file);
  if (structure === undefined) return undefined;
  const copy = Uint8Array.from(file.subarray(structure.initEnd));
  const view = new DataView(copy.buffer);
  for (const moof of boxesIn(view, 0, copy.byteLength) ?? []) {
    if (moof.type !== "moof") continue;
    const traf = boxesIn(view, moof.bodyStart, moof.end)?.find((box) => box.type === "traf");
    const tfdt = traf && boxesIn(view, traf.bodyStart, traf.end)?.find((box) => box.type === "tfdt");
    if (tfdt === undefined) return undefined;
    delay(view, tfdt, ticks);
  }
  return copy;
}

/** tfdt: version+flags, then the decoding time in 32 bits, or 64 in version 1. Source: ISO/IEC 14496-12 §8.8.12. */
function delay(view: DataView, tfdt: Box, ticks: number): void {
  const at = tfdt.bodyStart + 4;
  if (view.getUint8(tfdt.bodyStart) === 1) view.setBigUint64(at, view.getBigUint64(at) + BigInt(ticks));
  else view.setUint32(at, view.getUint32(at) + ticks);
}

function readMoof(view: DataView, moof: Box): Fragment | undefined {
  const trafs = boxesIn(view, moof.bodyStart, moof.end)?.filter((box) => box.type === "traf") ?? [];
  const frameBytes: number[] = [];
  for (const traf of trafs) {
    const inside = boxesIn(view, traf.bodyStart, traf.end);
    const tfhd = inside?.find((box) => box.type === "tfhd");
    if (inside === undefined || tfhd === undefined) return undefined;
    const size = defaultSize(view, tfhd);
    for (const trun of inside) if (trun.type === "trun") frameBytes.push(...readTrun(view, trun, size));
  }
  return trafs.length === 1 ? { frameBytes } : undefined;
}

/** tfhd: version+flags, track, then optional fields; the default sample size is present with flag 0x10. */
function defaultSize(view: DataView, tfhd: Box): number {
  const flags = view.getUint32(tfhd.bodyStart) & 0xffffff;
  if ((flags & 0x10) === 0) return 0;
  const before = (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0) + (flags & 0x8 ? 4 : 0);
  return view.getUint32(tfhd.bodyStart + 8 + before);
}

/** trun: version+flags, count, optional data offset and first flags, then per sample duration, size, flags, offset. */
function readTrun(view: DataView, trun: Box, size: number): readonly number[] {
  const flags = view.getUint32(trun.bodyStart) & 0xffffff;
  const count = view.getUint32(trun.bodyStart + 4);
  const perSample = [0x100, 0x200, 0x400, 0x800].filter((flag) => (flags & flag) !== 0).length * 4;
  const head = 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0);
  const first = trun.bodyStart + head;
  if (first + count * perSample > trun.end) return [];
  if ((flags & 0x200) === 0) return Array.from({ length: count }, () => size);
  const skip = flags & 0x100 ? 4 : 0;
  return Array.from({ length: count }, (_, index) => view.getUint32(first + index * perSample + skip));
}
