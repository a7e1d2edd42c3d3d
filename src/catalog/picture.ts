// What a picture is by its own bytes: a name or a header may lie.
// Sources: ISO/IEC 10918-1 §B.2.2 (JPEG frame header), PNG §11.2.1, WebP container specification (VP8, VP8L, VP8X).
import type { PictureType } from "#model/work.ts";

export type PictureReading =
  | { readonly kind: "picture"; readonly type: PictureType; readonly width: number; readonly height: number }
  | { readonly kind: "refused"; readonly because: string };

/** Pixels of a side: more is a mistake, or a bomb for whoever decodes it. */
const longestSide = 8192;

export function readPicture(bytes: Uint8Array): PictureReading {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = png(view) ?? webp(view) ?? jpeg(view);
  if (found === undefined) {
    return { kind: "refused", because: "it is no JPEG, PNG or WebP picture that can be read" };
  }
  const { width, height } = found;
  if (Math.min(width, height) < 1 || Math.max(width, height) > longestSide) {
    return { kind: "refused", because: `it is ${width}×${height}; a side has 1 to ${longestSide} pixels` };
  }
  return { kind: "picture", ...found };
}

interface Found {
  readonly type: PictureType;
  readonly width: number;
  readonly height: number;
}

function png(view: DataView): Found | undefined {
  const isPng =
    view.byteLength >= 33 &&
    view.getUint32(0) === 0x89504e47 &&
    view.getUint32(4) === 0x0d0a1a0a &&
    view.getUint32(12) === 0x49484452;
  return isPng ? { type: "image/png", width: view.getUint32(16), height: view.getUint32(20) } : undefined;
}

function webp(view: DataView): Found | undefined {
  const isWebp =
    view.byteLength >= 30 && view.getUint32(0) === 0x52494646 && view.getUint32(8) === 0x57454250;
  if (!isWebp) return undefined;
  const size = sizeOfWebp(view);
  return size === undefined ? undefined : { type: "image/webp", width: size[0], height: size[1] };
}

function sizeOfWebp(view: DataView): readonly [number, number] | undefined {
  switch (view.getUint32(12)) {
    case 0x56503820: // "VP8 "
      return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff];
    case 0x5650384c: {
      // "VP8L"
      const bits = view.getUint32(21, true);
      return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
    }
    case 0x56503858: // "VP8X"
      return [1 + (view.getUint32(24, true) & 0xffffff), 1 + (view.getUint32(26, true) >>> 8)];
    default:
      return undefined;
  }
}

/** Walks over the segments to the frame header. */
function jpeg(view: DataView): Found | undefined {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return undefined;
  let at = 2;
  while (at + 9 < view.byteLength) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++;
      continue;
    }
    // SOF0 to SOF15, but not DHT, JPG and DAC.
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { type: "image/jpeg", width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}
