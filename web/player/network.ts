// Between Shaka and the appliances: says for each request what is known of its file, which sources have it, and what follows from
// what they answered: for failover, the throughput estimate, the rung, and the log.
import {
  type Connection,
  type ConnectionEvent,
  drainMs,
  newConnection,
  noticeOf,
  stepConnection,
} from "#play/connection.ts";
import type { Sample } from "#play/estimator.ts";
import {
  type Failover,
  type FailoverEvent,
  newFailover,
  type Source,
  sourcesFor,
  stepFailover,
} from "#play/failover.ts";
import { segmentAt } from "#play/ladder.ts";
import type { Fetched } from "#play/log.ts";
import type { Rung } from "#play/patience.ts";
import type { RetrievalCommand, Wanted } from "#play/retrieval.ts";
import {
  foldTroubles,
  maySkip,
  noTroubles,
  stepsFor,
  type Track,
  type TroubleEvent,
  triedFor,
  whatWasTried,
} from "#play/troubles.ts";
import type { Media } from "#play/verify.ts";
import { type Sidecar, segmentHashes, segmentSizes } from "#wire/sidecar.ts";
import type { PlayAnswer } from "#wire/viewer.ts";
import type { Attempted, CmcdTeller } from "./cmcd.ts";
import type { Pacer } from "./pacer.ts";
import { numberOf, placeOf } from "./places.ts";
import { type Arrived, newPool, type Retrieved, retrieve } from "./retrieve.ts";
import { obtainBy, type Reports, registerTransfers } from "./scheme.ts";
import type { RequestContext, RequestFilter, Shaka, ShakaRequest } from "./shaka.ts";

/** One media segment that arrived whole. */
export type Served = Omit<Fetched, "kind" | "atMs">;

export interface NetworkPorts {
  readonly bufferMs: () => number;
  /** 0 while the film is paused. */
  readonly playbackRate: () => number;
  readonly seeking: () => boolean;
  readonly latencyMs: () => number;
  /** Renditions that the player can switch to, lowest first. */
  readonly usable: () => readonly string[];
  /** The next request is for that rendition. */
  readonly switchTo: (rendition: string) => void;
  readonly onServed: (served: Served) => void;
  readonly onSample: (sample: Sample) => void;
  /** The network became so slow under a request. */
  readonly onBreakdown: (kbps: number) => void;
  readonly onNote: (text: string) => void;
  readonly onNotice: (notice: string | undefined) => void;
  readonly renew: () => void;
  readonly cmcd: () => CmcdTeller | undefined;
}

/** What one request is for. */
interface Ask {
  readonly media: Media;
  readonly rendition: string;
  readonly file: string;
  readonly segment: number;
  readonly height: number;
  readonly kbps: number;
}

const manifestKey = "manifest";
/** What a file without a length of its own may take: the head of a rendition, the manifest. */
const shortMs = 2000;

export class Network {
  readonly #shaka: Shaka;
  readonly #answer: PlayAnswer;
  readonly #sidecar: Sidecar;
  readonly #ports: NetworkPorts;
  readonly #pool = newPool();
  /** Addresses served before, which the browser may answer from its cache. At most one per segment, rung and source. */
  readonly #seen = new Set<string>();
  #failover: Failover;
  #connection: Connection = newConnection(navigator.onLine);
  #troubles = noTroubles;
  #underWay = 0;
  /** When the newest request was made that was served. */
  #arrivedMs = Number.NEGATIVE_INFINITY;
  #trouble: string | undefined;

  constructor(shaka: Shaka, answer: PlayAnswer, sidecar: Sidecar, ports: NetworkPorts, signal: AbortSignal) {
    this.#shaka = shaka;
    this.#answer = answer;
    this.#sidecar = sidecar;
    this.#ports = ports;
    this.#failover = failoverOf(answer);
    registerTransfers(shaka);
    for (const kind of ["online", "offline"] as const) {
      addEventListener(kind, () => this.#connect({ kind }), { signal });
    }
  }

  /** Requests for media that are under way, pauses between their attempts included. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Why a file was given up, in the viewer's words. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Freshly signed folders in the order of now; the next request follows them. */
  renew(answer: PlayAnswer): void {
    this.resign(answer);
    this.wake();
  }

  /** The same sources in the same order, under a fresh signature. What pauses goes on pausing. */
  resign(answer: PlayAnswer): void {
    const { sources, rank } = failoverOf(answer);
    this.#step({ kind: "resigned", sources, rank });
    // No later request is for an address of before.
    this.#seen.clear();
  }

  /** Whatever pauses is tried now. */
  wake(): void {
    this.#pool.wake.dispatchEvent(new Event("wake"));
  }

  /** What the page simulates in front of the network. */
  get pacer(): Pacer {
    return this.#pool.pacer;
  }

  /** Looked at a few times a second. */
  notice(): void {
    this.#ports.onNotice(noticeOf(this.#connection, this.#ports.bufferMs()));
  }

  readonly filter: RequestFilter = (type, request, context) => {
    const { MANIFEST, SEGMENT } = this.#shaka.net.NetworkingEngine.RequestType;
    const ask =
      type === MANIFEST
        ? this.#manifestAsk()
        : type === SEGMENT
          ? this.#ask(request.uris[0] ?? "", context)
          : undefined;
    if (ask === undefined) {
      this.#redirect(request);
      return;
    }
    const [first] = this.#sources(ask);
    if (first !== undefined) request.uris = [first.baseUrl + ask.file];
    obtainBy(request, (reports) => this.#obtain(ask, reports));
  };

  /** Subtitles lie in the index. The manifest's address may be of a signature, or an appliance, that is gone. */
  #redirect(request: ShakaRequest): void {
    const file = /([^/?]+\.vtt)(\?|$)/.exec(request.uris[0] ?? "")?.[1];
    const all = file === undefined ? [] : this.#sources({ rendition: "index", file });
    if (all.length === 0) return;
    request.uris = all.map(({ baseUrl }) => `${baseUrl}${file}`);
    request.retryParameters.maxAttempts = all.length;
  }

  #manifestAsk(): Ask {
    return { media: "manifest", rendition: manifestKey, file: "", segment: 0, height: 0, kbps: 0 };
  }

  #ask(url: string, context: RequestContext | undefined): Ask | undefined {
    const place = placeOf(url, this.#answer);
    if (place === undefined) return undefined;
    const { rendition, file } = place;
    const reference = context?.segment;
    const sizes = this.#sidecar.renditions.find((one) => one.id === rendition);
    const isInit = context?.type === this.#shaka.net.NetworkingEngine.AdvancedRequestType.INIT_SEGMENT;
    const middle = ((reference?.getStartTime() ?? 0) + (reference?.getEndTime() ?? 0)) / 2;
    const media = isInit ? "init" : sizes === undefined ? "audio" : "video";
    const segment =
      media === "audio" ? numberOf(file) - 1 : segmentAt(this.#sidecar.durationsMs, middle * 1000);
    return {
      media,
      rendition,
      file,
      segment,
      height: sizes?.height ?? 0,
      kbps: (sizes?.bitrateBps ?? 0) / 1000,
    };
  }

  async #obtain(ask: Ask, reports: Reports): Promise<Retrieved> {
    this.#underWay += 1;
    const bytes =
      ask.media === "init" ? undefined : segmentSizes(this.#sidecar, ask.rendition)?.[numberOf(ask.file) - 1];
    const sha256Prefix =
      ask.media === "init"
        ? undefined
        : segmentHashes(this.#sidecar, ask.rendition)?.[numberOf(ask.file) - 1];
    try {
      return await retrieve({
        wanted: this.#wanted(ask, bytes),
        expected: { media: ask.media, bytes, sha256Prefix },
        file: ask.file,
        pool: this.#pool,
        ...reports,
        sources: () => this.#sources(ask),
        moment: () => this.#moment(),
        query: () => this.#query(ask),
        onAttempted: (attempted) => this.#attempted(ask, attempted),
        onArrived: (arrived) => this.#arrived(ask, arrived),
        onJudged: (judged) => {
          const { sourceId, verdict, because, startedMs } = judged;
          const about = { sourceId, startedMs, because };
          const { rendition, file } = ask;
          if (verdict === "corrupt") this.#step({ kind: "corrupt", rendition, file, ...about });
          else if (verdict === "lacking") this.#step({ kind: "lacking", rendition, ...about });
          else this.#step({ kind: "failed", ...about });
          this.#fold(ask, { kind: "tried", rendition, tried: { sourceId, verdict, because } });
        },
        onCommand: (command) => this.#obey(ask, command),
      });
    } finally {
      this.#underWay -= 1;
    }
  }

  #query({ media, segment, kbps }: Ask): string {
    if (media === "manifest") return "";
    const topKbps = Math.max(...this.#sidecar.renditions.map((one) => one.bitrateBps)) / 1000;
    const durationMs = this.#sidecar.durationsMs[segment] ?? 0;
    return this.#ports.cmcd()?.query({ media, kbps, topKbps, durationMs }) ?? "";
  }

  #attempted({ media, rendition, file }: Ask, attempted: Omit<Attempted, "rendition" | "file">): void {
    if (media !== "manifest") this.#ports.cmcd()?.attempted({ rendition, file, ...attempted });
  }

  #wanted(ask: Ask, bytes: number | undefined): Wanted {
    const { media, rendition, segment } = ask;
    const track = trackOf(ask, this.#sidecar);
    const isSegment = media === "video" || media === "audio";
    const lowest = Math.min(...this.#sidecar.renditions.map((one) => one.bitrateBps)) / 1000;
    return {
      media,
      rendition,
      segment,
      segmentMs: isSegment ? (this.#sidecar.durationsMs[segment] ?? shortMs) : shortMs,
      bits: bytes === undefined ? undefined : bytes * 8,
      lower: track === "video" && media !== "manifest" ? this.#below(ask) : [],
      lowestKbps: media === "video" ? lowest : 0,
      steps: stepsFor(this.#troubles, track, segment),
      skippable: isSegment && maySkip(this.#troubles, track, segment),
    };
  }

  #below({ rendition, segment, kbps }: Ask): readonly Rung[] {
    const rate = (id: string): number =>
      (this.#sidecar.renditions.find((one) => one.id === id)?.bitrateBps ?? 0) / 1000;
    return this.#ports
      .usable()
      .filter((id) => id !== rendition && rate(id) < kbps)
      .map((id) => ({ rendition: id, bits: (segmentSizes(this.#sidecar, id)?.[segment] ?? 0) * 8 }));
  }

  #moment() {
    const { bufferMs, playbackRate, latencyMs, seeking } = this.#ports;
    return {
      nowMs: performance.now(),
      bufferMs: drainMs(bufferMs(), playbackRate()),
      online: this.#connection.online,
      arrivedMs: this.#arrivedMs,
      latencyMs: latencyMs(),
      chance: (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
      seeking: seeking(),
    };
  }

  #sources({ rendition, file }: Pick<Ask, "rendition" | "file">): readonly Source[] {
    const nowMs = performance.now();
    return sourcesFor(this.#failover, { rendition, file, nowMs, bufferMs: this.#ports.bufferMs() });
  }

  #arrived(ask: Ask, { sourceId, url, startedMs, body, meanwhileBytes }: Arrived): void {
    const { media, rendition, file, segment, height, kbps } = ask;
    this.#arrivedMs = Math.max(this.#arrivedMs, startedMs);
    this.#connect({ kind: "arrived", startedMs });
    this.#step({ kind: "served", sourceId, rendition, file, startedMs });
    if (media !== "video" && media !== "audio") return;
    this.#fold(ask, { kind: "served" });
    const bytes = body.data.byteLength;
    const throughputKbps = (bytes * 8) / Math.max(1, body.ms - body.ttfbMs);
    this.#ports.onServed({
      media,
      rendition,
      height,
      kbps,
      segment,
      bytes,
      ms: body.ms,
      throughputKbps,
      sourceId,
    });
    // Audio that arrived beside a video segment counts as carried too; audio alone is too small to measure by.
    if (media !== "video") return;
    const origin = this.#seen.has(url) ? "cache" : document.hidden ? "asleep" : "network";
    this.#seen.add(url);
    const bits = Math.max(bytes, meanwhileBytes) * 8;
    this.#ports.onSample({ bits, ms: body.ms, ttfbMs: body.ttfbMs, origin });
  }

  #obey(ask: Ask, command: RetrievalCommand): void {
    const what = this.#nameOf(ask);
    switch (command.kind) {
      case "lower":
        this.#ports.onNote(`${what} in ${ask.rendition}: ${command.because} → ${command.rendition} instead`);
        if (command.kbps === undefined) this.#fold(ask, { kind: "stepped" });
        else this.#ports.onBreakdown(command.kbps);
        this.#ports.switchTo(command.rendition);
        return;
      case "skip":
        this.#ports.onNote(`${what} is broken wherever it lies: skipped. ${this.#said(ask)}`);
        this.#fold(ask, { kind: "skipped" });
        return;
      case "outage":
        this.#step({ kind: "outage", sinceMs: command.sinceMs });
        if (this.#connection.outageSinceMs === undefined) {
          this.#ports.onNote(
            `no appliance answers; trying again in ${(command.pauseMs / 1000).toFixed(1)} s`,
          );
        }
        this.#connect({ kind: "outage" });
        // A wrong clock or a long sleep ends signatures too, and with CORS a refusal may look like silence.
        this.#ports.renew();
        return;
      case "renew":
        this.#ports.renew();
        return;
      case "give-up":
        this.#trouble = `No appliance could send ${what}. Tried: ${this.#said(ask)}`;
        return;
      default:
        return;
    }
  }

  #nameOf({ media, segment }: Ask): string {
    if (media === "manifest") return "the film's manifest";
    if (media === "init") return "the head of a rendition";
    return media === "video" ? `segment ${segment + 1}` : `sound segment ${segment + 1}`;
  }

  #said(ask: Ask): string {
    const said = whatWasTried(triedFor(this.#troubles, trackOf(ask, this.#sidecar), ask.segment));
    return said === "" ? "nobody, for the browser has no network" : said;
  }

  #fold(ask: Ask, event: TroubleEvent): void {
    this.#troubles = foldTroubles(this.#troubles, trackOf(ask, this.#sidecar), ask.segment, event);
  }

  #connect(event: ConnectionEvent): void {
    const { state, wake, note } = stepConnection(this.#connection, event, performance.now());
    this.#connection = state;
    if (note !== undefined) this.#ports.onNote(note);
    if (wake) this.wake();
  }

  #step(event: FailoverEvent): void {
    const { state, note } = stepFailover(this.#failover, event, performance.now());
    this.#failover = state;
    // While nobody answers, each round fails alike: its first was told.
    const known =
      this.#connection.outageSinceMs !== undefined && (event.kind === "failed" || event.kind === "outage");
    if (note !== undefined && !known) this.#ports.onNote(note);
  }
}

function failoverOf(answer: PlayAnswer): Failover {
  const manifests = answer.manifests.map((entry) => ({ sourceId: entry.sourceId, baseUrl: entry.dash }));
  const rank = answer.steering.ranked.map((source) => source.id);
  return newFailover({ ...answer.sources, [manifestKey]: manifests }, rank);
}

/** Heads belong to their rendition's track. */
function trackOf({ rendition, media }: Ask, sidecar: Sidecar): Track {
  return media === "manifest" || sidecar.renditions.some((one) => one.id === rendition) ? "video" : "audio";
}
