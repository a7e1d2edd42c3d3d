// Between a session and a running hls.js: reads levels and buffer, and tells of fragments.
import type { Film } from "#play/types.ts";
import { Beside } from "./beside.ts";
import type { PlayerRung } from "./player-film.ts";
import { type AbrOptions, AbrSession, type Throughput } from "./session.ts";

interface HlsLevel {
  readonly uri: string;
  readonly height: number;
  readonly bitrate: number;
  readonly averageBitrate: number;
  readonly videoCodec: string | undefined;
  readonly loadError: number;
  readonly fragmentError: number;
  readonly details?: {
    readonly live: boolean;
    readonly totalduration: number;
    readonly averagetargetduration?: number;
  };
}

interface HlsMedia {
  readonly currentTime: number;
  readonly playbackRate: number;
  readonly ownerDocument: { readonly hidden: boolean };
  addEventListener(type: "seeking", listener: () => void): void;
  removeEventListener(type: "seeking", listener: () => void): void;
}

/** The slice of `Hls` that is needed. */
export interface HlsPlayerLike {
  readonly levels: readonly HlsLevel[];
  readonly media: HlsMedia | null;
  readonly maxAutoLevel: number;
  readonly minAutoLevel: number;
  readonly mainForwardBufferInfo: { readonly len: number; readonly end: number } | null;
  on(event: string, listener: (event: string, data: unknown) => void): void;
  off(event: string, listener: (event: string, data: unknown) => void): void;
}

/** A fragment as hls.js tells of it. Its level is the place in `levels`. */
interface Fragment {
  readonly type: string;
  readonly level: number;
  readonly start: number;
  readonly duration: number;
  readonly bitrateTest?: boolean;
  readonly stats: {
    readonly aborted: boolean;
    readonly loaded: number;
    readonly loading: { readonly start: number; readonly first: number; readonly end: number };
  };
}

/** Buffers end a frame or so beside where a segment ends. */
const frameMs = 50;

export class HlsLink {
  readonly #hls: HlsPlayerLike;
  readonly #first: () => number;
  readonly #session: AbrSession;
  readonly #beside = new Beside();
  readonly #off: readonly (() => void)[];
  #media: HlsMedia | null = null;
  #levels: readonly HlsLevel[] = [];
  #bufferAtRequestMs = 0;

  constructor(hls: HlsPlayerLike, options: AbrOptions, first: () => number) {
    this.#hls = hls;
    this.#first = first;
    const caps = (film: Film) => this.#caps(film);
    this.#session = new AbrSession(options, { bufferMs: () => this.#bufferMs(), caps });
    const on = (name: string, obey: (data: unknown) => void): (() => void) => {
      const listener = (_: string, data: unknown): void => obey(data);
      hls.on(name, listener);
      return () => hls.off(name, listener);
    };
    this.#off = [
      on("hlsFragLoading", (data) => this.#loading(fragmentOf(data))),
      on("hlsFragLoaded", (data) => this.#loaded(fragmentOf(data))),
      on("hlsFragBuffered", (data) => this.#buffered(fragmentOf(data))),
      on("hlsMediaAttached", () => this.#listen(hls.media)),
      on("hlsMediaDetaching", () => this.#listen(null)),
    ];
  }

  get throughput(): Throughput {
    return this.#session.throughput;
  }

  close(): void {
    for (const off of this.#off) off();
    this.#listen(null);
  }

  /** The place in `levels` of what is to be fetched next; undefined when there is no picture. */
  level(): number | undefined {
    const { levels } = this.#hls;
    if (levels.length === 0) return undefined;
    this.#setRungs(levels);
    this.#aim();
    const decision = this.#session.choose();
    if (decision === undefined) return undefined;
    const level = levels.findIndex(({ uri }) => uri === decision.key);
    return level < 0 ? undefined : this.#sound(levels, level);
  }

  /** The levels of one family of codecs: the one that hls.js itself would begin with. */
  #setRungs(levels: readonly HlsLevel[]): void {
    if (levels.length === this.#levels.length && levels.every((one, i) => one === this.#levels[i])) return;
    this.#levels = [...levels];
    const family = familyOf(levels[Math.max(0, this.#first())]);
    this.#session.setRungs(levels.filter((level) => familyOf(level) === family).map(rungOf));
  }

  /** A level that fails is left for the next one below that does not. */
  #sound(levels: readonly HlsLevel[], level: number): number {
    const below = levels.findLastIndex(
      (one, index) =>
        index <= level &&
        one.loadError + one.fragmentError === 0 &&
        familyOf(one) === familyOf(levels[level]),
    );
    return below < 0 ? level : below;
  }

  /** The next fragment begins where the buffer ends. */
  #aim(): void {
    const end = this.#hls.mainForwardBufferInfo?.end ?? this.#hls.media?.currentTime;
    if (end !== undefined) this.#session.aim(this.#session.segmentAt(end * 1000 + frameMs));
  }

  #loading(fragment: Fragment | undefined): void {
    if (fragment?.type !== "main" || fragment.bitrateTest === true) return;
    this.#bufferAtRequestMs = this.#bufferMs();
    this.#session.aim(this.#session.segmentAt((fragment.start + fragment.duration / 2) * 1000));
    const decision = this.#session.choose();
    this.#session.requested(this.#bufferAtRequestMs);
    if (decision !== undefined) this.#session.taken(decision, this.#hls.levels[fragment.level]?.uri);
  }

  #loaded(fragment: Fragment | undefined): void {
    if (fragment === undefined || fragment.type === "main") return;
    const { loaded, loading } = fragment.stats;
    this.#beside.add({ bits: loaded * 8, fromMs: loading.first, toMs: loading.end });
  }

  #buffered(fragment: Fragment | undefined): void {
    if (fragment?.type !== "main" || fragment.bitrateTest === true) return;
    const { aborted, loaded, loading } = fragment.stats;
    const asleep = this.#media?.ownerDocument.hidden === true;
    const level = this.#hls.levels[fragment.level];
    const segment = this.#session.segmentAt((fragment.start + fragment.duration / 2) * 1000);
    this.#session.arrived({
      ...{ segment, key: level?.uri ?? "", bufferAtRequestMs: this.#bufferAtRequestMs },
      ...{ ownBits: loaded * 8, bits: loaded * 8 + this.#beside.bits(loading.first, loading.end) },
      ms: loading.end - loading.start,
      ttfbMs: loading.first - loading.start,
      origin: aborted ? "cut-short" : asleep ? "asleep" : "network",
      bufferMs: this.#bufferMs(),
    });
    this.#session.segmentAppended(segment);
    const { live, totalduration, averagetargetduration } = level?.details ?? { live: true, totalduration: 0 };
    const segmentMs = (averagetargetduration ?? fragment.duration) * 1000;
    this.#session.setTimeline({ segmentMs, totalMs: live ? undefined : totalduration * 1000 });
  }

  #listen(media: HlsMedia | null): void {
    this.#media?.removeEventListener("seeking", this.#seeking);
    this.#media = media;
    media?.addEventListener("seeking", this.#seeking);
  }

  readonly #seeking = (): void =>
    this.#session.sought(this.#session.segmentAt((this.#media?.currentTime ?? 0) * 1000));

  #bufferMs(): number {
    this.#session.playbackRate = this.#hls.media?.playbackRate ?? 1;
    return (this.#hls.mainForwardBufferInfo?.len ?? 0) * 1000;
  }

  /** hls.js keeps the page's caps and those of element and dropped frames; as places in `levels`, which rise with the rate. */
  #caps(film: Film): { readonly minRung: number; readonly maxRung: number } {
    const { levels, minAutoLevel, maxAutoLevel } = this.#hls;
    const places = film.ladder.ids.map((id) => levels.findIndex(({ uri }) => uri === id));
    const minRung = places.findIndex((place) => place >= minAutoLevel);
    return { minRung: Math.max(0, minRung), maxRung: places.findLastIndex((place) => place <= maxAutoLevel) };
  }
}

function rungOf({ uri, height, bitrate, averageBitrate }: HlsLevel): PlayerRung {
  return { key: uri, names: [uri], height, kbps: (averageBitrate || bitrate) / 1000 };
}

/** "avc1" of "avc1.64001f". */
function familyOf(level: HlsLevel | undefined): string {
  return level?.videoCodec?.split(".")[0] ?? "";
}

/** Events about something else than a fragment of film, such as a playlist's init, have none. */
function fragmentOf(data: unknown): Fragment | undefined {
  if (typeof data !== "object" || data === null || !("frag" in data)) return undefined;
  return isFragment(data.frag) ? data.frag : undefined;
}

function isFragment(value: unknown): value is Fragment {
  return (
    typeof value === "object" &&
    value !== null &&
    "sn" in value &&
    typeof value.sn === "number" &&
    "stats" in value
  );
}
