// Between Shaka and the appliances: each request gets the signed addresses of its rendition in failover's order, and each
// attempt is told to failover, to the throughput estimate and to the log.
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
import { type Sidecar, segmentSizes } from "#wire/sidecar.ts";
import type { PlayAnswer } from "#wire/viewer.ts";
import { type Ask, type Attempt, address, registerTransfers } from "./scheme.ts";
import type { RequestContext, RequestFilter, Shaka } from "./shaka.ts";

/** One media segment that arrived whole. */
export type Served = Omit<Fetched, "kind" | "atMs">;

export interface NetworkPorts {
  readonly bufferMs: () => number;
  readonly onServed: (served: Served) => void;
  readonly onSample: (sample: Sample) => void;
  readonly onNote: (text: string) => void;
}

const manifestKey = "manifest";

export class Network {
  /** Attempts that reach every source once, and the first ones again. */
  readonly attempts: number;
  readonly #shaka: Shaka;
  readonly #answer: PlayAnswer;
  readonly #sidecar: Sidecar;
  readonly #ports: NetworkPorts;
  readonly #counter = { bytes: 0 };
  /** Addresses served before, which the browser may answer from its cache. At most one per segment, rung and source. */
  readonly #seen = new Set<string>();
  #failover: Failover;

  constructor(shaka: Shaka, answer: PlayAnswer, sidecar: Sidecar, ports: NetworkPorts) {
    this.#shaka = shaka;
    this.#answer = answer;
    this.#sidecar = sidecar;
    this.#ports = ports;
    this.#failover = failoverOf(answer);
    this.attempts = answer.manifests.length + 2;
    registerTransfers(shaka);
  }

  /** Freshly signed folders in the order of now; the next request follows them. */
  renew(answer: PlayAnswer): void {
    const { sources, rank } = failoverOf(answer);
    this.#step({ kind: "resigned", sources, rank });
  }

  readonly filter: RequestFilter = (type, request, context) => {
    if (request.attempt > 0) return;
    const { MANIFEST, SEGMENT } = this.#shaka.net.NetworkingEngine.RequestType;
    if (type === MANIFEST) address(request, this.#manifestAsk(), "");
    if (type !== SEGMENT) return;
    const place = placeOf(request.uris[0] ?? "", this.#answer);
    if (place !== undefined) address(request, this.#segmentAsk(place, context), place.rest);
  };

  #manifestAsk(): Ask {
    const about = { media: "manifest", rendition: "index", height: 0, kbps: 0, segment: 0 } as const;
    return { ...about, expectedBytes: undefined, sources: this.#order(manifestKey), ...this.#common() };
  }

  #segmentAsk({ rendition, rest }: Place, context: RequestContext | undefined): Ask {
    const reference = context?.segment;
    const sizes = this.#sidecar.renditions.find((one) => one.id === rendition);
    const isInit = context?.type === this.#shaka.net.NetworkingEngine.AdvancedRequestType.INIT_SEGMENT;
    const middle = ((reference?.getStartTime() ?? 0) + (reference?.getEndTime() ?? 0)) / 2;
    const segment = segmentAt(this.#sidecar.durationsMs, middle * 1000);
    return {
      media: isInit ? "init" : sizes === undefined ? "audio" : "video",
      rendition,
      height: sizes?.height ?? 0,
      kbps: (sizes?.bitrateBps ?? 0) / 1000,
      segment,
      expectedBytes: isInit ? undefined : this.#bytesOf(rendition, rest),
      sources: this.#order(rendition),
      ...this.#common(),
    };
  }

  /** By the file's number: the sound's segments have lengths of their own. */
  #bytesOf(rendition: string, file: string): number | undefined {
    const number = Number(/^(\d+)\.m4s$/.exec(file)?.[1] ?? 0);
    return segmentSizes(this.#sidecar, rendition)?.[number - 1];
  }

  #common(): Pick<Ask, "counter" | "tell"> {
    return { counter: this.#counter, tell: this.#tell };
  }

  #order(rendition: string): readonly Source[] {
    const nowMs = performance.now();
    return sourcesFor(this.#failover, { rendition, nowMs, bufferMs: this.#ports.bufferMs() });
  }

  readonly #tell: Ask["tell"] = (ask, attempt, meanwhileBytes) => {
    const { done, sourceId } = attempt;
    if (done.kind === "stopped") return;
    const { media, rendition, height, kbps, segment } = ask;
    if (done.kind !== "served") {
      this.#step({ kind: done.kind, sourceId, rendition, startedMs: done.startedMs, because: done.because });
      return;
    }
    this.#step({ kind: "served", sourceId, rendition, startedMs: done.startedMs });
    if (media !== "video" && media !== "audio") return;
    const bytes = done.data.byteLength;
    const throughputKbps = (bytes * 8) / Math.max(1, done.ms - done.ttfbMs);
    const about = { media, rendition, height, kbps, segment };
    this.#ports.onServed({ ...about, bytes, ms: done.ms, throughputKbps, sourceId });
    if (media === "video") this.#sample(attempt, Math.max(bytes, meanwhileBytes) * 8);
  };

  /** Audio that arrived beside a video segment counts as carried too; audio alone is too small to measure by. */
  #sample({ done, url }: Attempt, bits: number): void {
    if (done.kind !== "served") return;
    const origin = this.#seen.has(url) ? "cache" : document.hidden ? "asleep" : "network";
    this.#seen.add(url);
    this.#ports.onSample({ bits, ms: done.ms, ttfbMs: done.ttfbMs, origin });
  }

  #step(event: FailoverEvent): void {
    const { state, note } = stepFailover(this.#failover, event, performance.now());
    this.#failover = state;
    if (note !== undefined) this.#ports.onNote(note);
  }
}

function failoverOf(answer: PlayAnswer): Failover {
  const manifests = answer.manifests.map((entry) => ({ sourceId: entry.sourceId, baseUrl: entry.dash }));
  const rank = answer.steering.ranked.map((source) => source.id);
  return newFailover({ ...answer.sources, [manifestKey]: manifests }, rank);
}

interface Place {
  readonly rendition: string;
  /** The path inside the rendition's folder: "init.mp4", "7.m4s". */
  readonly rest: string;
}

/** Which rendition's folder an address lies in, and the path inside. The last match counts: a title may be called "audio". */
function placeOf(url: string, answer: PlayAnswer): Place | undefined {
  const parts = new URL(url, location.href).pathname.split("/");
  const index = parts.findLastIndex((part, i) => i < parts.length - 1 && Object.hasOwn(answer.sources, part));
  const rendition = parts[index];
  return rendition === undefined ? undefined : { rendition, rest: parts.slice(index + 1).join("/") };
}
