// From a stream of octets to messages, in any cut. Memory is bounded by one message, and an octet is copied at most once:
// messages that lie whole inside a chunk are shown in place.
import { headerError, headerLength, type ProtocolError, shortLimit, u16 } from "./message.ts";

/** Shows one whole message, header included. The octets are only good during the call. False: show no more. */
export type ShowMessage = (bytes: Uint8Array, start: number, end: number) => boolean;

export interface Framer {
  /** Begin of a message whose end has not come. */
  pending: Uint8Array;
  held: number;
  /** Longest message that is taken; raised to `longLimit` when both sides spoke of RFC 8654. */
  longest: number;
}

export function openFramer(): Framer {
  return { pending: new Uint8Array(shortLimit), held: 0, longest: shortLimit };
}

/** Takes the next octets. After an error or a false from `show` the stream cannot be read on. */
export function feed(framer: Framer, chunk: Uint8Array, show: ShowMessage): ProtocolError | undefined {
  let at = 0;
  if (framer.held > 0) {
    at = topUp(framer, chunk, at, headerLength);
    if (framer.held < headerLength) return undefined;
    const error = headerError(framer.pending, 0, framer.longest);
    if (error !== undefined) return error;
    const length = u16(framer.pending, 16);
    at = topUp(framer, chunk, at, length);
    if (framer.held < length) return undefined;
    framer.held = 0;
    if (!show(framer.pending, 0, length)) return undefined;
  }
  while (chunk.length - at >= headerLength) {
    const error = headerError(chunk, at, framer.longest);
    if (error !== undefined) return error;
    const end = at + u16(chunk, at + 16);
    if (end > chunk.length) break;
    if (!show(chunk, at, end)) return undefined;
    at = end;
  }
  topUp(framer, chunk, at, chunk.length - at);
  return undefined;
}

/** Copies from the chunk until `wanted` octets are held; returns where the chunk goes on. */
function topUp(framer: Framer, chunk: Uint8Array, at: number, wanted: number): number {
  const end = Math.min(chunk.length, at + Math.max(0, wanted - framer.held));
  const held = framer.held + end - at;
  if (held > framer.pending.length) framer.pending = grown(framer.pending, Math.max(held, wanted));
  framer.pending.set(chunk.subarray(at, end), framer.held);
  framer.held = held;
  return end;
}

function grown(old: Uint8Array, least: number): Uint8Array {
  const bigger = new Uint8Array(Math.max(least, old.length * 2));
  bigger.set(old);
  return bigger;
}
