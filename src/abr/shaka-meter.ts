// Makes one transfer of the packets that Shaka reports: those of a segment of the picture, and whatever came beside them.
import type { AbrSession, Transfer } from "./session.ts";

/** What a manager is told of a request; a packet numbered 1 begins a segment, or begins it again. */
export interface Packet {
  readonly packetNumber?: number;
  readonly timeToFirstByte: number | null;
}

interface Report {
  readonly ms: number;
  readonly bytes: number;
  readonly request: Packet | undefined;
  readonly context: unknown;
}

export type Measured = Pick<Transfer, "ownBits" | "bits" | "ms" | "ttfbMs" | "origin">;

interface MeterPorts {
  readonly bufferMs: () => number;
  readonly measured?: ((segment: number, key: string) => Measured | undefined) | undefined;
}

/** Of Shaka's kinds of requests, the one for a segment of film. */
const mediaSegment = 1;

interface Under {
  ms: number;
  ownBytes: number;
  bytes: number;
  ttfbMs: number;
  readonly bufferAtRequestMs: number;
}

export class ShakaMeter {
  readonly #session: AbrSession;
  readonly #ports: MeterPorts;
  #under: Under | undefined;

  constructor(session: AbrSession, ports: MeterPorts) {
    this.#session = session;
    this.#ports = ports;
  }

  packet({ ms, bytes, request, context }: Report): void {
    if (!isPicture(context)) {
      if (this.#under !== undefined) this.#under.bytes += bytes;
      return;
    }
    const ttfbMs = request?.timeToFirstByte ?? 0;
    if (this.#under === undefined || (request?.packetNumber ?? 1) === 1) {
      const bufferAtRequestMs = this.#ports.bufferMs() + ms;
      this.#under = { ms: 0, ownBytes: 0, bytes: 0, ttfbMs, bufferAtRequestMs };
      this.#session.requested(bufferAtRequestMs);
    }
    this.#under.ms += ms;
    this.#under.ownBytes += bytes;
    this.#under.bytes += bytes;
    this.#under.ttfbMs = ttfbMs;
  }

  /** What was counted was this segment. One that came from a cache was not reported at all. */
  appended(segment: number, key: string | undefined, asleep: boolean): void {
    const under = this.#under;
    this.#under = undefined;
    if (under === undefined || key === undefined) return;
    const { ms, ttfbMs, bufferAtRequestMs } = under;
    this.#session.arrived({
      ...{ segment, key, ms, ttfbMs, bufferAtRequestMs, bufferMs: this.#ports.bufferMs() },
      ownBits: under.ownBytes * 8,
      bits: under.bytes * 8,
      origin: asleep ? "asleep" : "network",
      ...this.#ports.measured?.(segment, key),
    });
  }

  /** What is under way comes from before a seek. */
  drop(): void {
    this.#under = undefined;
  }
}

/** In Shaka's context: a segment of film, of a stream of pictures. */
function isPicture(context: unknown): boolean {
  if (typeof context !== "object" || context === null || !("type" in context) || !("stream" in context))
    return false;
  const { type, stream } = context;
  if (type !== mediaSegment || typeof stream !== "object" || stream === null || !("type" in stream))
    return false;
  return stream.type === "video";
}
