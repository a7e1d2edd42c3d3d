// The one segment that an experiment breaks for some sessions (model/experiment.ts), as an appliance decides it: from the
// signed path alone. nginx hands over what might be meant; whatever is not is handed back to it, untouched.
import { armOf, type BrokenSegment, type Damage } from "#model/experiment.ts";
import { assert } from "#units/assert.ts";

/** Where nginx finds the agent that breaks segments, and how the agent knows that it is nginx who asks. */
export interface Breaker {
  readonly rule: BrokenSegment;
  /** A Unix socket. */
  readonly socket: string;
  /** 64 hexadecimal digits. */
  readonly token: string;
}

export interface SignedRequest {
  readonly sessionId: string;
  readonly titleId: string;
  /** Inside the title's folder. */
  readonly path: string;
}

/** Folders of pictures: v360-1, av1-360-1. Sound has segments of its own lengths. */
const videoFolder = "(?:v|(?:hevc|vp9|av1)-)[0-9]+-[0-9]+";

/** What nginx holds "session/path" against: the segment in question, of whoever is enrolled, in whichever arm. */
export function candidatePattern({ id, segment }: BrokenSegment): string {
  assert(/^x[0-9a-f]{8}$/.test(id) && Number.isSafeInteger(segment) && segment >= 1, "a rule is plain text");
  return `^${id}[.][A-Za-z0-9._-]+/${videoFolder}/${segment}[.]m4s$`;
}

/** The parts of a signed path that nginx found right; undefined when it is none. */
export function readSignedRequest(url: string): SignedRequest | undefined {
  const found = /^\/t\/[0-9]{10}\/([^/]+)\/[^/]+\/v\/([^/]+)\/([^?]+)/.exec(url);
  const [, sessionId, titleId, path] = found ?? [];
  if (sessionId === undefined || titleId === undefined || path === undefined) return undefined;
  return { sessionId, titleId, path };
}

/** How to break what is asked for; undefined: not at all. */
export function damageFor(
  rule: BrokenSegment,
  { sessionId, path }: SignedRequest,
  nowMs: number,
): Damage | undefined {
  if (nowMs >= rule.endsAtMs) return undefined;
  if (!new RegExp(candidatePattern(rule)).test(`${sessionId}/${path}`)) return undefined;
  const arm = armOf(sessionId, rule);
  return arm.kind === "treatment" ? arm.damage : undefined;
}

/** What is sent in place of a segment, and what is said of it. */
export interface BrokenAnswer {
  readonly status: 200 | 404 | 503;
  readonly announcedBytes: number;
  readonly body: Uint8Array;
  /** Sent after the silence; empty when there is none. */
  readonly rest: Uint8Array;
  readonly silenceMs: number;
}

/** Bytes that a lying Content-Length promises on top. */
const promisedBytes = 1000;
/** What is left of a file that is cut. */
const keptShare = 0.6;

export function brokenAnswer(whole: Uint8Array, damage: Damage, stallMs: number): BrokenAnswer {
  const nothing = new Uint8Array();
  const sent = (body: Uint8Array, more: Partial<BrokenAnswer> = {}): BrokenAnswer => ({
    status: 200,
    announcedBytes: body.length,
    body,
    rest: nothing,
    silenceMs: 0,
    ...more,
  });
  switch (damage) {
    case "not-found":
      return sent(nothing, { status: 404 });
    case "unavailable":
      return sent(nothing, { status: 503 });
    case "bit-flip":
      return sent(flipped(whole));
    case "truncation":
      return sent(whole.subarray(0, Math.floor(whole.length * keptShare)));
    case "wrong-content":
      return sent(otherContent(whole));
    case "lying-length":
      return sent(whole, { announcedBytes: whole.length + promisedBytes });
    case "stall": {
      const half = Math.floor(whole.length / 2);
      const [body, rest] = [whole.subarray(0, half), whole.subarray(half)];
      return sent(body, { announcedBytes: whole.length, rest, silenceMs: stallMs });
    }
  }
}

/** One bit in the middle, where the media lies. */
function flipped(whole: Uint8Array): Uint8Array {
  const middle = Math.floor(whole.length / 2);
  return whole.map((byte, at) => (at === middle ? byte ^ 4 : byte));
}

/** The boxes stay, the media in them goes: zeros behind the name of the last `mdat` box, or from the middle without one. */
function otherContent(whole: Uint8Array): Uint8Array {
  const name = [0x6d, 0x64, 0x61, 0x74];
  const found = whole.findLastIndex((_, at) => name.every((byte, i) => whole[at + i] === byte));
  const from = found < 0 ? Math.floor(whole.length / 2) : found + name.length;
  return whole.map((byte, at) => (at < from ? byte : at === from ? byte ^ 255 : 0));
}
