// Damage that the players' checks must find: a file is changed on its way to the browser, the package stays as it is.
import type { Damage } from "./pack-players-server.ts";

type Change = (body: Buffer) => Buffer | undefined;

/** Every file is changed as the first pattern that its path matches says. */
export function spoiling(...changes: readonly (readonly [path: RegExp, change: Change])[]): Damage {
  return (asked, body) => {
    const found = changes.find(([path]) => path.test(asked));
    return found === undefined ? body : found[1](body);
  };
}

/** Moves every fragment of a segment by so many ticks of its track's clock. */
export function later(ticks: number): (body: Buffer) => Buffer {
  return (body) => {
    const moved = Buffer.from(body);
    for (let at = moved.indexOf("tfdt"); at >= 0; at = moved.indexOf("tfdt", at + 4)) {
      // Version and flags stand before the time; the packager writes 64 bits.
      moved.writeBigUInt64BE(moved.readBigUInt64BE(at + 8) + BigInt(ticks), at + 8);
    }
    return moved;
  };
}

/** Leaves the last fragment of a segment out. A fragment begins with a box of this name, whose length stands before it. */
export function shortened(body: Buffer): Buffer {
  return body.subarray(0, body.lastIndexOf("moof") - 4);
}

export const missing = (): undefined => undefined;

/** Where another time is said for a segment: Shaka Player goes by the HLS playlist, the others by the segment. */
export function lateInPlaylist(segment: number, seconds: number): (body: Buffer) => Buffer {
  return (body) => {
    let nth = 0;
    const moved = body.toString().replaceAll(/#EXTINF:([\d.]+)/g, (line, length: string) => {
      nth += 1;
      return nth === segment - 1 ? `#EXTINF:${(Number(length) + seconds).toFixed(6)}` : line;
    });
    return Buffer.from(moved);
  };
}

/** Text in which one thing stands for another. */
export function saying(found: RegExp, instead: string): (body: Buffer) => Buffer {
  return (body) => Buffer.from(body.toString().replaceAll(found, instead));
}
