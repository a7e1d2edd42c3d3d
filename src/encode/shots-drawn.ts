// Films drawn frame by frame, for tests of shot detection: tiny pictures, and scdet's figures as ffmpeg computes them.
import { type FrameFacts, pictureBytes, pictureSize } from "./shots-facts.ts";

/** A picture of its own for every scene number: soft waves, so that it may move without becoming noise. */
export function scene(number: number, shift = 0): Uint8Array {
  return draw((x, y) => {
    const across = Math.sin(((x + shift) * (2 + (number % 3)) * Math.PI) / pictureSize.width + number * 1.7);
    const down = Math.cos((y * (1 + (number % 4)) * Math.PI) / pictureSize.height + number * 2.3);
    return 128 + 55 * across + 55 * down;
  });
}

export function plain(brightness: number): Uint8Array {
  return draw(() => brightness);
}

export function mixed(one: Uint8Array, other: Uint8Array, share: number): Uint8Array {
  return one.map((value, at) => value * (1 - share) + (other[at] ?? 0) * share);
}

export function brighter(picture: Uint8Array, by: number): Uint8Array {
  return picture.map((value) => Math.max(0, Math.min(255, value + by)));
}

export function times(count: number, picture: (index: number) => Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, index) => picture(index));
}

/** mafd = 100·(mean |difference|)/255, score = min(mafd, |change of mafd|). Source: libavfilter/vf_scdet.c. */
export function filmOf(...parts: readonly (readonly Uint8Array[])[]): readonly FrameFacts[] {
  const pictures = parts.flat();
  let last = 0;
  return pictures.map((picture, frame) => {
    const before = pictures[frame - 1] ?? picture;
    const sum = picture.reduce((total, value, at) => total + Math.abs(value - (before[at] ?? 0)), 0);
    const mafd = (sum / pictureBytes / 255) * 100;
    const score = Math.min(mafd, Math.abs(mafd - last));
    last = mafd;
    return { mafd, score, picture };
  });
}

function draw(brightness: (x: number, y: number) => number): Uint8Array {
  return Uint8Array.from({ length: pictureBytes }, (_, at) =>
    Math.round(
      Math.max(0, Math.min(255, brightness(at % pictureSize.width, Math.floor(at / pictureSize.width)))),
    ),
  );
}
