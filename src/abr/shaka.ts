// Shaka Player (5.2). Shaka reports every progress packet, and a switch from there aborts and refetches the segment under way:
// on its last packet for ever. So packets are only counted, and decided is between two requests, when `segmentappended` says
// that a segment of the picture is in. Restrictions, the size of the element, bans and server hints are a manager's to keep.
import type { Film } from "#play/types.ts";
import { type AbrOptions, AbrSession } from "./session.ts";
import {
  allowed,
  highestRung,
  type MediaLike,
  type ShakaAbrConfig,
  type ShakaVariant,
} from "./shaka-limits.ts";
import { type Measured, type Packet, ShakaMeter } from "./shaka-meter.ts";

type SwitchCallback<V> = (variant: V, clearBuffer?: boolean, safeMargin?: number) => void;

/** What the server suggests (CTA-5006): the highest rate, bit/s; null when it suggests none. */
interface CmsdLike {
  getMaxBitrate(): number | null;
}

/** So few frames say nothing about a device. A second of film. */
const fewestFrames = 24;

export interface ShakaOptions extends AbrOptions {
  /** Film that lies ready, in film time. */
  readonly bufferMs: () => number;
  /** A page that fetches by itself says here how that segment came; undefined: as Shaka's packets tell. */
  readonly measured?: ((segment: number, key: string) => Measured | undefined) | undefined;
  /** What the player calls the highest rung that the viewer wants; undefined, or none of the rungs: whichever there is. */
  readonly highest?: (() => string | undefined) | undefined;
}

/** For `abrFactory`. Whoever makes one calls `decideAfter` and `sought`; `attachToShaka` does. */
export class ShakaAbrManager<V extends ShakaVariant> {
  readonly session: AbrSession;
  readonly #meter: ShakaMeter;
  readonly #wished: () => string | undefined;
  #switchTo: SwitchCallback<V> | undefined;
  #config: ShakaAbrConfig | undefined;
  #cmsd: CmsdLike | undefined;
  #media: MediaLike | undefined;
  #given: readonly V[] = [];
  #enabled = false;
  #rate = 1;
  #current: string | undefined;
  #frames = { dropped: 0, total: 0 };
  #ban = { key: "", segments: 0 };

  constructor(options: ShakaOptions) {
    const caps = (film: Film) => ({ minRung: 0, maxRung: this.#highest(film) });
    this.session = new AbrSession(options, { bufferMs: options.bufferMs, caps });
    this.#meter = new ShakaMeter(this.session, options);
    this.#wished = options.highest ?? (() => undefined);
  }

  init(switchTo: SwitchCallback<V>): void {
    this.#switchTo = switchTo;
  }

  /** True from `init` to `stop`. */
  get plays(): boolean {
    return this.#switchTo !== undefined;
  }

  /** What was measured stays for the next film. */
  stop(): void {
    this.#switchTo = undefined;
    this.#enabled = false;
    this.#current = undefined;
    this.#frames = { dropped: 0, total: 0 };
    this.#ban = { key: "", segments: 0 };
    this.#given = [];
    this.#media = undefined;
  }

  release(): void {
    this.stop();
    this.#cmsd = undefined;
  }

  setVariants(variants: V[]): boolean {
    const same = variants.length === this.#given.length && variants.every((one) => this.#given.includes(one));
    if (same) return false;
    this.#given = [...variants];
    this.#setRungs();
    return true;
  }

  /** Asked at the start, and again when streams were disabled or restricted: never in the middle of a segment. */
  chooseVariant(): V {
    const chosen = this.#decide() ?? this.#given[0];
    if (chosen === undefined) throw new Error("cannot happen: a variant is asked for and there is none");
    return chosen;
  }

  enable(): void {
    this.#enabled = true;
  }

  disable(): void {
    this.#enabled = false;
  }

  /** A packet. Nothing is decided here. */
  segmentDownloaded(
    ms: number,
    bytes: number,
    _allowSwitch: boolean,
    request?: Packet,
    context?: unknown,
  ): void {
    this.#meter.packet({ ms, bytes, request, context });
  }

  trySuggestStreams(): void {
    this.#switch();
  }

  getBandwidthEstimate(): number {
    return (this.session.throughput.kbps ?? 0) * 1000;
  }

  playbackRateChanged(rate: number): void {
    this.#rate = rate;
  }

  setMediaElement(media: MediaLike | null): void {
    this.#media = media ?? undefined;
  }

  setCmsdManager(cmsd: CmsdLike | null): void {
    this.#cmsd = cmsd ?? undefined;
  }

  configure(config: ShakaAbrConfig): void {
    this.#config = config;
    this.#setRungs();
  }

  /** The only place that switches in play: segment `segment` of the picture is in, the next is not asked for yet. */
  decideAfter(segment: number): void {
    const asleep = this.#media?.ownerDocument?.hidden === true;
    this.#meter.appended(segment, this.#current, asleep);
    this.session.segmentAppended(segment);
    if (this.session.ended) return;
    this.#checkDroppedFrames(segment);
    this.#switch();
  }

  /** Does not switch: a switch during a seek can leave Shaka's stream of the picture idle. */
  sought(segment: number): void {
    this.#meter.drop();
    this.session.sought(segment);
  }

  /** Rungs that the rule may choose from, lowest first. */
  usable(): readonly string[] {
    return this.session.film.ladder.ids;
  }

  /**
   * Outside of the rule: the segment under way cannot be had in its rung, or not in time. For whoever has just cancelled its
   * request; never from Shaka's progress callbacks. A rung that is none, or while the viewer chooses, is not taken.
   */
  take(key: string): void {
    const variant = this.#given.find((one) => keyOf(one) === key);
    if (variant === undefined || !this.usable().includes(key) || !this.#enabled) return;
    this.#current = key;
    this.session.moved(key);
    this.#switchTo?.(variant, false, 0);
  }

  #switch(): void {
    if (!this.#enabled || this.#switchTo === undefined) return;
    const before = this.#current;
    const variant = this.#decide();
    if (variant !== undefined && this.#current !== before) this.#switchTo(variant, false, 0);
  }

  #decide(): V | undefined {
    // 0 while Shaka waits for the buffer.
    this.session.playbackRate = this.#media?.playbackRate || this.#rate;
    const decision = this.session.choose();
    if (decision === undefined) return undefined;
    this.#current = decision.key;
    this.session.taken(decision);
    return this.#given.find((variant) => keyOf(variant) === decision.key);
  }

  /** Variants with the same picture and another sound are one rung. */
  #setRungs(): void {
    const rungs = new Map(
      allowed(this.#given, this.#config?.restrictions).map((variant) => [keyOf(variant), variant]),
    );
    this.session.setRungs(
      [...rungs].flatMap(([key, { video, bandwidth }]) =>
        video == null
          ? []
          : [{ key, names: [key], height: video.height ?? 0, kbps: (video.bandwidth ?? bandwidth) / 1000 }],
      ),
    );
  }

  #highest(film: Film): number {
    const suggested = this.#cmsd?.getMaxBitrate() ?? Number.POSITIVE_INFINITY;
    const wished = film.ladder.ids.indexOf(this.#wished() ?? "");
    const shown = highestRung(film.ladder, this.#config, this.#media, suggested / 1000);
    const highest = wished < 0 ? shown : Math.min(shown, wished);
    const banned = this.#ban.segments > 0 ? film.ladder.ids.indexOf(this.#ban.key) : -1;
    return banned < 0 ? highest : Math.min(highest, Math.max(0, banned - 1));
  }

  /**
   * A device that drops frames cannot show this rung, nor a higher one: leave them for a while. Faster than life every device
   * drops some. Shaka's own bans end at any time, in the middle of a segment too, which it then fetches again: ours are counted in
   * segments.
   */
  #checkDroppedFrames(segment: number): void {
    this.#ban.segments -= 1;
    const quality = this.#media?.getVideoPlaybackQuality?.();
    if (this.#config?.droppedFrames !== true || quality === undefined) return;
    const { droppedVideoFrames: dropped, totalVideoFrames: total } = quality;
    const fresh = total - this.#frames.total;
    if (fresh < fewestFrames) return;
    const share = (dropped - this.#frames.dropped) / fresh;
    this.#frames = { dropped, total };
    const { droppedFramesThreshold, droppedFramesBanDuration } = this.#config.advanced;
    if (share < droppedFramesThreshold || (this.#media?.playbackRate ?? 1) > 1) return;
    const seconds = (this.session.film.segments.durationMs[segment] ?? 0) / 1000;
    this.#ban = { key: this.#current ?? "", segments: Math.ceil(droppedFramesBanDuration / seconds) };
  }
}

/** A representation's id in a DASH manifest; what an HLS playlist calls it may be anything. */
function keyOf({ video }: ShakaVariant): string {
  return video == null ? "" : (video.originalId ?? `stream ${video.id}`);
}
