// dash.js (5.2): a custom rule beside rules that are switched off. It is asked before every request, for sound too, and may be
// asked again without one: so its answer counts when a segment is really requested. Fast switching would fetch again what lies in
// the buffer.
import type { Film } from "#play/types.ts";
import { Beside } from "./beside.ts";
import type { PlayerRung } from "./player-film.ts";
import { type AbrOptions, AbrSession } from "./session.ts";

interface Representation {
  readonly id: string;
  readonly height: number;
  readonly bitrateInKbit: number;
}

/** What dash.js hands to a rule. */
interface RulesContext {
  getMediaType(): string;
  getMediaInfo(): unknown;
  getAbrController(): {
    getPossibleVoRepresentations(media: unknown, compatible: boolean): readonly Representation[];
    getPossibleVoRepresentationsFilteredBySettings(
      media: unknown,
      compatible: boolean,
    ): readonly Representation[];
  };
}

interface SwitchRequest {
  readonly representation: Representation | null;
  readonly reason: { readonly because: string } | null;
  readonly priority: number;
  readonly rule: string;
}

/** The slice of dash.js's player that is needed. */
export interface DashPlayerLike {
  updateSettings(settings: object): void;
  addABRCustomRule(type: string, name: string, rule: object): void;
  removeABRCustomRule(name: string): void;
  getBufferLength(type: "video"): number;
  getPlaybackRate(): number;
  getVideoElement(): { readonly ownerDocument: { readonly hidden: boolean } };
  isDynamic(): boolean;
  duration(): number;
  time(): number;
  on(type: string, listener: (event: object) => void): void;
  off(type: string, listener: (event: object) => void): void;
}

/** A date, of which only the time is read. */
interface Moment {
  getTime(): number;
}

interface Fragment {
  readonly mediaType: string;
  readonly startTime: number;
  readonly duration: number;
  readonly bytesLoaded: number;
  readonly representation: Representation;
  readonly startDate: Moment;
  readonly firstByteDate: Moment | null;
  readonly endDate: Moment;
}

const name = "MillraceRule";
/** dash.js's "default": other rules of that rank, such as the one on dropped frames, may lower the choice. */
const priority = 0.5;
/** Buffers end a frame or so beside where a segment ends. */
const frameMs = 50;
const off = { active: false } as const;
const rules = {
  ...{ throughputRule: off, bolaRule: off, insufficientBufferRule: off, switchHistoryRule: off },
  ...{ abandonRequestsRule: off, l2ARule: off, loLPRule: off },
};

/** Call it before `attachSource`. Returns how to take the rule out again. */
export function attachToDash(player: DashPlayerLike, options: AbrOptions = {}): () => void {
  const link = new DashLink(player, options);
  const goal = link.goalSeconds;
  player.updateSettings({
    streaming: {
      abr: { rules, initialBitrate: { video: 1 } },
      lastBitrateCachingInfo: { enabled: false },
      buffer: {
        fastSwitchEnabled: false,
        ...{ bufferTimeDefault: goal, bufferTimeAtTopQuality: goal, bufferTimeAtTopQualityLongForm: goal },
      },
    },
  });
  const rule = {
    getClassName: () => name,
    getSwitchRequest: (context: RulesContext) => link.request(context),
  };
  player.addABRCustomRule("qualitySwitchRules", name, () => ({ create: () => rule }));
  link.listen();
  return () => {
    link.close();
    player.removeABRCustomRule(name);
  };
}

class DashLink {
  readonly #player: DashPlayerLike;
  readonly #session: AbrSession;
  readonly #beside = new Beside();
  #filtered: ReadonlySet<string> = new Set();
  #bufferAtRequestMs = 0;
  /** Where the newest segment ends, seconds: dash.js asks for the next one before it has counted this one as buffered. */
  #end = 0;

  constructor(player: DashPlayerLike, options: AbrOptions) {
    this.#player = player;
    const caps = (film: Film) => this.#caps(film);
    this.#session = new AbrSession(options, { bufferMs: () => this.#bufferMs(), caps });
  }

  get goalSeconds(): number {
    return this.#session.goalMs / 1000;
  }

  listen(): void {
    for (const [event, listener] of this.#listeners) this.#player.on(event, listener);
  }

  close(): void {
    for (const [event, listener] of this.#listeners) this.#player.off(event, listener);
  }

  request(context: RulesContext): SwitchRequest {
    const none = { representation: null, reason: null, priority, rule: name };
    if (context.getMediaType() !== "video") return none;
    const [media, abr] = [context.getMediaInfo(), context.getAbrController()];
    const all = abr.getPossibleVoRepresentations(media, true);
    const filtered = abr.getPossibleVoRepresentationsFilteredBySettings(media, true);
    this.#filtered = new Set(filtered.map(({ id }) => id));
    this.#session.setRungs(all.map(rungOf));
    this.#aim();
    const decision = this.#session.choose();
    const representation = all.find(({ id }) => id === decision?.key);
    if (decision === undefined || representation === undefined) return none;
    return { ...none, representation, reason: { because: decision.because } };
  }

  /** The next segment begins where the buffer ends. */
  #aim(): void {
    const now = this.#player.time();
    if (now >= 0) this.#session.aim(this.#session.segmentAt((now + this.#aheadSeconds()) * 1000 + frameMs));
  }

  readonly #listeners = [
    ["fragmentLoadingStarted", (event: object) => this.#started(fragmentOf(event))],
    ["fragmentLoadingCompleted", (event: object) => this.#completed(fragmentOf(event))],
    ["playbackSeeking", (event: object) => this.#sought("seekTime" in event ? Number(event.seekTime) : 0)],
  ] as const;

  #started(fragment: Fragment | undefined): void {
    if (fragment?.mediaType !== "video") return;
    this.#bufferAtRequestMs = this.#bufferMs();
    this.#session.aim(this.#segmentOf(fragment));
    const decision = this.#session.choose();
    this.#session.requested(this.#bufferAtRequestMs);
    if (decision !== undefined) this.#session.taken(decision, fragment.representation.id);
  }

  #completed(fragment: Fragment | undefined): void {
    if (fragment === undefined) return;
    const [started, ended] = [fragment.startDate.getTime(), fragment.endDate.getTime()];
    const first = fragment.firstByteDate?.getTime() ?? started;
    const ownBits = fragment.bytesLoaded * 8;
    if (fragment.mediaType !== "video") {
      this.#beside.add({ bits: ownBits, fromMs: first, toMs: ended });
      return;
    }
    const segment = this.#segmentOf(fragment);
    this.#end = fragment.startTime + fragment.duration;
    this.#session.arrived({
      ...{
        segment,
        key: fragment.representation.id,
        ownBits,
        bits: ownBits + this.#beside.bits(first, ended),
      },
      ...{ ms: ended - started, ttfbMs: first - started, bufferAtRequestMs: this.#bufferAtRequestMs },
      origin: this.#player.getVideoElement().ownerDocument.hidden ? "asleep" : "network",
      bufferMs: this.#bufferMs(),
    });
    this.#session.segmentAppended(segment);
    const totalMs = this.#player.isDynamic() ? undefined : this.#player.duration() * 1000;
    this.#session.setTimeline({ segmentMs: fragment.duration * 1000, totalMs });
  }

  #sought(seconds: number): void {
    this.#end = 0;
    this.#session.sought(this.#session.segmentAt(seconds * 1000));
  }

  #segmentOf({ startTime, duration }: Fragment): number {
    return this.#session.segmentAt((startTime + duration / 2) * 1000);
  }

  #bufferMs(): number {
    this.#session.playbackRate = this.#player.getPlaybackRate() || 1;
    return this.#aheadSeconds() * 1000;
  }

  #aheadSeconds(): number {
    const coming = this.#end - (this.#player.time() || 0);
    return Math.max(this.#player.getBufferLength("video") || 0, coming);
  }

  /** dash.js itself keeps limits of rate and size, and what the server suggests, when the page wants that. */
  #caps(film: Film): { readonly minRung: number; readonly maxRung: number } {
    const may = (id: string): boolean => this.#filtered.has(id);
    const minRung = Math.max(0, film.ladder.ids.findIndex(may));
    const maxRung = film.ladder.ids.findLastIndex(may);
    return { minRung, maxRung: maxRung < 0 ? film.ladder.ids.length - 1 : maxRung };
  }
}

function rungOf({ id, height, bitrateInKbit }: Representation): PlayerRung {
  return { key: id, names: [id], height, kbps: bitrateInKbit };
}

/** A segment of film in one of dash.js's events; undefined for what else it fetches. */
function fragmentOf(event: object): Fragment | undefined {
  return "request" in event && isFragment(event.request) ? event.request : undefined;
}

function isFragment(value: unknown): value is Fragment {
  if (typeof value !== "object" || value === null) return false;
  return (
    "type" in value && value.type === "MediaSegment" && "representation" in value && "startDate" in value
  );
}
