// The groups of pictures of a whole encode, read box by box: only what describes frames is read, never the frames, so the
// file may be of any size.
import { type FileHandle, open } from "node:fs/promises";
import { type BoxHead, boxHead, fragmentOf } from "#encode/boxes.ts";

const headBytes = 16;
/** A moof of this many bytes would describe more frames than an encode may have. */
const mostMoofBytes = 64 << 20;

/** `groups[group][frame]`, bytes; undefined when the file is not a whole fragmented MP4. */
export async function groupsIn(path: string): Promise<readonly (readonly number[])[] | undefined> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const groups: (readonly number[])[] = [];
    let promised: number | undefined;
    for (let at = 0; at < size; ) {
      const head = boxHead(await bytesOf(file, at, Math.min(headBytes, size - at)));
      if (head === undefined || at + head.size > size) return undefined;
      if (promised !== undefined && !holds(head, promised)) return undefined;
      promised = undefined;
      if (head.type === "moof") {
        if (head.size > mostMoofBytes) return undefined;
        const frames = fragmentOf(await bytesOf(file, at, head.size));
        if (frames === undefined) return undefined;
        groups.push(frames);
        promised = frames.reduce((sum, bytes) => sum + bytes, 0);
      }
      at += head.size;
    }
    return promised === undefined ? groups : undefined;
  } finally {
    await file.close();
  }
}

/** A moof's mdat follows it and has just its frames. */
function holds({ type, size, headSize }: BoxHead, bytes: number): boolean {
  return type === "mdat" && size - headSize === bytes;
}

async function bytesOf(file: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}
