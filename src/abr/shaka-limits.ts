// What a page configured and a screen can show, kept for Shaka, which leaves both to its manager.
import type { Ladder } from "#play/types.ts";

/** The slice of Shaka's types that is needed, so that nobody needs Shaka to use another player. */
export interface ShakaVariant {
  readonly bandwidth: number;
  readonly video?: {
    readonly id: number;
    readonly originalId: string | null;
    readonly width?: number;
    readonly height?: number;
    readonly bandwidth?: number;
  } | null;
}

interface Restrictions {
  readonly minWidth: number;
  readonly maxWidth: number;
  readonly minHeight: number;
  readonly maxHeight: number;
  readonly minPixels: number;
  readonly maxPixels: number;
  readonly minBandwidth: number;
  readonly maxBandwidth: number;
}

export interface ShakaAbrConfig {
  readonly restrictions: Restrictions;
  readonly restrictToElementSize: boolean;
  readonly restrictToScreenSize: boolean;
  readonly ignoreDevicePixelRatio: boolean;
  readonly droppedFrames: boolean;
  readonly advanced: { readonly droppedFramesThreshold: number; readonly droppedFramesBanDuration: number };
}

/** A video element, through which alone its page is known. */
export interface MediaLike {
  readonly currentTime: number;
  readonly seeking: boolean;
  readonly playbackRate: number;
  readonly clientHeight: number;
  readonly ownerDocument?: {
    readonly hidden: boolean;
    readonly defaultView: {
      readonly devicePixelRatio: number;
      readonly screen: { readonly height: number };
    } | null;
  };
  getVideoPlaybackQuality?(): { readonly droppedVideoFrames: number; readonly totalVideoFrames: number };
  addEventListener(type: "seeking", listener: () => void): void;
  removeEventListener(type: "seeking", listener: () => void): void;
}

/** Variants within `abr.restrictions`, all of them when none is: something must play. */
export function allowed<V extends ShakaVariant>(
  variants: readonly V[],
  limits: Restrictions | undefined,
): readonly V[] {
  if (limits === undefined) return variants;
  const within = variants.filter(({ video, bandwidth }) => {
    const { width = 0, height = 0 } = video ?? {};
    return (
      between(height, limits.minHeight, limits.maxHeight) &&
      between(width, limits.minWidth, limits.maxWidth) &&
      between(width * height, limits.minPixels, limits.maxPixels) &&
      between(bandwidth, limits.minBandwidth, limits.maxBandwidth)
    );
  });
  return within.length > 0 ? within : variants;
}

/**
 * The first rung that fills the element or the screen, where the page wants that, and none above the rate that the server
 * suggests. An element that is not laid out limits nothing.
 */
export function highestRung(
  ladder: Ladder,
  config: ShakaAbrConfig | undefined,
  media: MediaLike | undefined,
  suggestedKbps: number,
): number {
  const view = media?.ownerDocument?.defaultView;
  const ratio = config?.ignoreDevicePixelRatio === true ? 1 : (view?.devicePixelRatio ?? 1);
  const heights = [
    config?.restrictToElementSize === true ? media?.clientHeight : undefined,
    config?.restrictToScreenSize === true ? view?.screen.height : undefined,
  ].flatMap((height) => (height ? [height * ratio] : []));
  const wanted = Math.min(...heights);
  const top = ladder.kbps.length - 1;
  const fills = ladder.heights.findIndex((height) => height >= wanted);
  const carried = Math.max(
    0,
    ladder.kbps.findLastIndex((kbps) => kbps <= suggestedKbps),
  );
  return Math.min(fills < 0 ? top : fills, carried);
}

function between(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
