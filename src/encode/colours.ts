// Which colours a film's numbers mean, and what has to be done so that every player shows them right.
//
// A YCbCr picture is three agreements: the matrix (YCbCr from RGB), the primaries (which red is meant) and the transfer (how
// much light a number is). A rung without tags is guessed by its size, so that one film would change colour between rungs:
// what leaves here is always tagged. SDR is BT.709 when the picture is HD and may stay BT.601 when it is not; wide gamuts
// become BT.709, over the light of the display (BT.2087 allows both). HDR is brought to SDR in linear light: reference white of 203 cd/m² is 1, light up to 0.3 of it stays as it
// is, what lies above bends towards the film's peak (the Möbius curve), and all three primaries are scaled alike, so that
// hues stay. Sources: ITU-R BT.709, BT.601, BT.2020, BT.2100; BT.2408 §2.1 (203 cd/m²); BT.1886 (display gamma 2.4);
// ITU-T H.273 (code points); FFmpeg vf_tonemap.c (the curve).
import type { StreamFacts } from "./film-facts.ts";
import type { Size } from "./size.ts";

/** H.273's code points by ffmpeg's names. */
export interface Colours {
  readonly matrix: string;
  readonly primaries: string;
  readonly transfer: string;
}

export type ColourPlan =
  | { readonly kind: "keep"; readonly from: Colours; readonly to: Colours }
  | { readonly kind: "convert"; readonly from: Colours; readonly to: Colours }
  | { readonly kind: "tone-map"; readonly from: Colours; readonly to: Colours; readonly peakNits: number }
  | { readonly kind: "unknown"; readonly found: string };

export const bt709: Colours = { matrix: "bt709", primaries: "bt709", transfer: "bt709" };
/** Reference white of HDR, cd/m². Source: ITU-R BT.2408 §2.1. */
export const referenceWhiteNits = 203;
/** Where the curve leaves the straight line, as a part of reference white: skin and shade stay as they were graded. */
export const kneePart = 0.3;
/** What a master that promises no peak is taken for; also BT.2100's nominal peak of HLG. */
const usualPeakNits = 1000;

const hdrTransfers = new Set(["smpte2084", "arib-std-b67"]);
/** SDR transfers that players show alike, whatever display gamma their standards had in mind. */
const sdrTransfers = new Set([
  ...["bt709", "smpte170m", "smpte240m", "bt470m", "bt470bg", "iec61966-2-1", "bt2020-10", "bt2020-12"],
]);
const sdMatrices = new Set(["smpte170m", "bt470bg"]);
const sdPrimaries = new Set(["smpte170m", "bt470bg", "bt709"]);
const knownMatrices = new Set([...sdMatrices, "bt709", "fcc", "smpte240m", "bt2020nc"]);
const knownPrimaries = new Set([
  ...sdPrimaries,
  ...["bt470m", "smpte240m", "film", "bt2020", "smpte431", "smpte432"],
]);

export function isHdr({ colourTransfer }: Pick<StreamFacts, "colourTransfer">): boolean {
  return hdrTransfers.has(colourTransfer);
}

export function isRgb(pixelFormat: string): boolean {
  return /^(rgb|bgr|gbr|argb|abgr|x2rgb|x2bgr|0rgb|0bgr|pal8)/.test(pixelFormat);
}

export function planColours(picture: StreamFacts, display: Size): ColourPlan {
  const from = meantColours(picture);
  const isKnown =
    knownMatrices.has(from.matrix) &&
    knownPrimaries.has(from.primaries) &&
    (sdrTransfers.has(from.transfer) || hdrTransfers.has(from.transfer));
  if (!isKnown) {
    return { kind: "unknown", found: `${from.matrix} matrix, ${from.primaries} primaries, ${from.transfer}` };
  }
  if (isHdr(picture)) {
    const isHlg = from.transfer === "arib-std-b67";
    const promised = isHlg ? usualPeakNits : (picture.peakNits ?? usualPeakNits);
    const peakNits = Math.min(10_000, Math.max(referenceWhiteNits * 1.5, promised));
    return { kind: "tone-map", from, to: bt709, peakNits };
  }
  const plain = { ...from, transfer: "bt709" };
  if (from.matrix === "bt709" && from.primaries === "bt709") return { kind: "keep", from: plain, to: bt709 };
  const isSd = sdMatrices.has(from.matrix) && sdPrimaries.has(from.primaries) && !isHd(display);
  if (isSd) return { kind: "keep", from: plain, to: { ...from, transfer: "smpte170m" } };
  return { kind: "convert", from: plain, to: bt709 };
}

/**
 * Filters after scaling (which leaves limited range): from what the film means to what is published.
 * `tonemap` wants planes of floating-point RGB in linear light.
 */
export function colourFilters(plan: Exclude<ColourPlan, { kind: "unknown" }>): readonly string[] {
  const toSdr =
    "zscale=transfer=bt709:matrix=bt709:primaries=bt709:range=limited:dither=error_diffusion,format=yuv420p";
  switch (plan.kind) {
    case "keep":
      return ["format=yuv420p", tagged(plan.to)];
    case "convert":
      return [tagged(plan.from), toSdr, tagged(plan.to)];
    case "tone-map": {
      const peak = (plan.peakNits / referenceWhiteNits).toFixed(4);
      return [
        tagged(plan.from),
        `zscale=transfer=linear:npl=${referenceWhiteNits}`,
        "format=gbrpf32le",
        "zscale=primaries=bt709",
        `tonemap=mobius:param=${kneePart}:peak=${peak}:desat=0`,
        ...[toSdr, tagged(plan.to)],
      ];
    }
  }
}

export function tagged({ matrix, primaries, transfer }: Colours): string {
  return `setparams=range=tv:colorspace=${matrix}:color_primaries=${primaries}:color_trc=${transfer}`;
}

/**
 * What is not tagged is taken for what players take it for: HD for BT.709, the rest for BT.601 of its lines (625 lines or
 * 25 and 50 frames per second: BT.470 B/G, else SMPTE 170M), primaries for the matrix's, transfer for BT.709's. With an HDR
 * transfer or BT.2020's primaries the matrix is BT.2020's. RGB is brought to BT.709's matrix by scaling.
 */
function meantColours(picture: StreamFacts): Colours {
  const [rate] = picture.rates;
  const is625 = picture.height === 576 || (rate !== undefined && (rate.num / rate.den) % 25 === 0);
  const isWide = isHdr(picture) || picture.colourPrimaries === "bt2020";
  const guess = isWide ? "bt2020nc" : isHd(picture) ? "bt709" : is625 ? "bt470bg" : "smpte170m";
  const matrix = isRgb(picture.pixelFormat) ? "bt709" : (told(picture.colourMatrix) ?? guess);
  const own = matrix.startsWith("bt2020") ? "bt2020" : knownPrimaries.has(matrix) ? matrix : "bt709";
  const primaries = told(picture.colourPrimaries) ?? own;
  return { matrix, primaries, transfer: told(picture.colourTransfer) ?? "bt709" };
}

/** As players draw the line between SD and HD. */
function isHd({ width, height }: Size): boolean {
  return width >= 1280 || height > 576;
}

function told(tag: string): string | undefined {
  return ["", "unknown", "unspecified", "reserved", "N/A"].includes(tag) ? undefined : tag;
}
