// Puts our rule into Shaka Player. Shaka reports every progress packet, and switching from there aborts and refetches
// the segment under way (research abr §6.1): so nothing is decided in its callbacks but the very first rung. The session calls
// `decideAfter` once per appended video segment, between two requests.
import { decide } from "#play/bba.ts";
import { at, filmOf, nearestRung, type TitleSizes } from "#play/ladder.ts";
import type { Context, Decision, Film } from "#play/types.ts";
import type {
  AbrConfiguration,
  AbrManager,
  DisableStreamCallback,
  SwitchCallback,
  Variant,
} from "./shaka.ts";

export interface Throughput {
  readonly kbps: number | undefined;
  readonly latencyMs: number;
}

export interface AbrPorts {
  readonly title: TitleSizes;
  readonly maxBufferMs: number;
  readonly bufferMs: () => number;
  readonly throughput: () => Throughput;
  readonly onDecision: (decision: Decision, context: Context, film: Film) => void;
}

export class MillraceAbrManager implements AbrManager {
  readonly #ports: AbrPorts;
  #switchTo: SwitchCallback | undefined;
  #disableStream: DisableStreamCallback | undefined;
  #config: AbrConfiguration | undefined;
  #media: HTMLMediaElement | undefined;
  #variants: readonly Variant[] = [];
  #film: Film;
  #enabled = false;
  #rate = 1;
  #nextSegment = 0;
  #sinceSeek = 0;
  #last: { readonly id: string; readonly kbps: number } | undefined;
  #frames = { dropped: 0, total: 0 };

  constructor(ports: AbrPorts) {
    this.#ports = ports;
    this.#film = filmOf(ports.title, new Set());
  }

  init(switchCallback: SwitchCallback, disableStreamCallback: DisableStreamCallback): void {
    this.#switchTo = switchCallback;
    this.#disableStream = disableStreamCallback;
  }

  stop(): void {
    this.#switchTo = undefined;
    this.#enabled = false;
    this.#variants = [];
    this.#media = undefined;
  }

  release(): void {
    this.stop();
    this.#disableStream = undefined;
  }

  setVariants(variants: Variant[]): boolean {
    const same =
      variants.length === this.#variants.length &&
      variants.every((variant) => this.#variants.includes(variant));
    if (same) return false;
    this.#variants = [...variants];
    const wanted = allowed(this.#variants, this.#config);
    this.#film = filmOf(this.#ports.title, new Set(wanted.map(renditionOf)));
    return true;
  }

  /** Asked at the start, and again when streams were disabled or restricted: never in the middle of a segment. */
  chooseVariant(): Variant {
    return this.#decide() ?? at(this.#variants, 0);
  }

  enable(): void {
    this.#enabled = true;
  }

  disable(): void {
    this.#enabled = false;
  }

  segmentDownloaded(): void {
    // Progress in packets and whole milliseconds: network.ts times whole transfers by a finer clock instead.
  }

  trySuggestStreams(): void {
    this.#switch();
  }

  getBandwidthEstimate(): number {
    return (this.#ports.throughput().kbps ?? 0) * 1000;
  }

  playbackRateChanged(rate: number): void {
    this.#rate = rate;
  }

  setMediaElement(media: HTMLMediaElement | null): void {
    this.#media = media ?? undefined;
  }

  setCmsdManager(): void {
    // CMSD hints are not used: a server's wish never moves the picture.
  }

  configure(config: AbrConfiguration): void {
    this.#config = config;
  }

  /** The only place that switches in play: video segment `segment` lies in the buffer, the next is not asked for yet. */
  decideAfter(segment: number): void {
    this.#nextSegment = segment + 1;
    if (this.#nextSegment >= this.#film.segments.durationMs.length) return;
    this.#checkDroppedFrames();
    this.#switch();
  }

  /** Rungs that the rule may choose from, lowest first. */
  usable(): readonly string[] {
    return this.#film.ladder.ids;
  }

  /**
   * Outside of the rule: the segment under way cannot be had in its rung, or not in time. Called when its request was
   * cancelled by ourselves, never from Shaka's progress callbacks.
   */
  take(rendition: string): void {
    const { ids, kbps } = this.#film.ladder;
    const rung = ids.indexOf(rendition);
    const variant = this.#variants.find((one) => renditionOf(one) === rendition);
    if (rung < 0 || variant === undefined || !this.#enabled) return;
    this.#last = { id: rendition, kbps: at(kbps, rung) };
    this.#switchTo?.(variant, false, 0);
  }

  /**
   * After a seek decisions start cautiously again. It does not switch: with a switch here, the video stream stayed idle
   * for ever in 3 of 5 runs of the player's journey, without it in none of 6. Why was not traced inside Shaka.
   */
  sought(segment: number): void {
    this.#nextSegment = segment;
    this.#sinceSeek = 0;
  }

  #switch(): void {
    if (!this.#enabled || this.#switchTo === undefined) return;
    const before = this.#last?.id;
    const variant = this.#decide();
    if (variant !== undefined && renditionOf(variant) !== before) this.#switchTo(variant, false, 0);
  }

  #decide(): Variant | undefined {
    const film = this.#film;
    const top = film.ladder.kbps.length - 1;
    if (top < 0) return undefined;
    const { kbps, latencyMs } = this.#ports.throughput();
    const context: Context = {
      segment: Math.min(this.#nextSegment, film.segments.durationMs.length - 1),
      bufferMs: this.#ports.bufferMs() / Math.max(0.1, Math.abs(this.#rate)),
      maxBufferMs: this.#ports.maxBufferMs,
      lastRung: this.#lastRung(film),
      estimateKbps: kbps,
      latencyMs,
      minRung: 0,
      maxRung: this.#highestForElement(film),
      sinceSeek: this.#sinceSeek,
    };
    const decision = decide(film, context);
    this.#sinceSeek += 1;
    const id = at(film.ladder.ids, decision.rung);
    this.#last = { id, kbps: at(film.ladder.kbps, decision.rung) };
    this.#ports.onDecision(decision, context, film);
    return this.#variants.find((variant) => renditionOf(variant) === id);
  }

  #lastRung(film: Film): number | undefined {
    if (this.#last === undefined) return undefined;
    const rung = film.ladder.ids.indexOf(this.#last.id);
    return rung >= 0 ? rung : nearestRung(film.ladder, this.#last.kbps);
  }

  /** With `restrictToElementSize`: the first rung that fills the element, none above. */
  #highestForElement(film: Film): number {
    const top = film.ladder.heights.length - 1;
    const height = (this.#media?.clientHeight ?? 0) * devicePixelRatio;
    if (this.#config?.restrictToElementSize !== true || height === 0) return top;
    const fills = film.ladder.heights.findIndex((rung) => rung >= height);
    return fills < 0 ? top : fills;
  }

  /** A device that drops frames cannot show this rung: leave it for a while. */
  #checkDroppedFrames(): void {
    const media = this.#media;
    if (this.#config?.droppedFrames !== true || !(media instanceof HTMLVideoElement) || this.#rate > 1)
      return;
    const { droppedVideoFrames: dropped, totalVideoFrames: total } = media.getVideoPlaybackQuality();
    const fresh = total - this.#frames.total;
    const share = fresh > 0 ? (dropped - this.#frames.dropped) / fresh : 0;
    this.#frames = { dropped, total };
    const { droppedFramesThreshold, droppedFramesBanDuration } = this.#config.advanced;
    if (share >= droppedFramesThreshold) this.#disableStream?.("video", droppedFramesBanDuration);
  }
}

/** A representation's id in the manifest is its rendition's id. */
function renditionOf(variant: Variant): string {
  return variant.video?.originalId ?? "";
}

/** Variants within `abr.restrictions`, all of them when none is: something must play. */
function allowed(variants: readonly Variant[], config: AbrConfiguration | undefined): readonly Variant[] {
  const limits = config?.restrictions;
  if (limits === undefined) return variants;
  const within = variants.filter((variant) => {
    const { width = 0, height = 0 } = variant.video ?? {};
    return (
      height >= limits.minHeight &&
      height <= limits.maxHeight &&
      width >= limits.minWidth &&
      width <= limits.maxWidth &&
      width * height >= limits.minPixels &&
      width * height <= limits.maxPixels &&
      variant.bandwidth >= limits.minBandwidth &&
      variant.bandwidth <= limits.maxBandwidth
    );
  });
  return within.length > 0 ? within : variants;
}
