// How a store is read through a cache, and what that promises.
//
// 1. A cache that is away, slow, full or lying never makes a read fail; it costs its deadline at most.
// 2. With `minVersion` (a version that the reader has seen, or written) nothing older comes from the cache.
// 3. Without, what comes is what the store held at most `ttlMs` · 1.1 ago (5.5 s for "there is none"), by the clocks of the
//    programs that share the cache: an answer carries the moment at which it is over, counted from before the store was asked.
// 4. Of those that ask for a key at once one goes to the store, and when all of them have given up, it does too.
import type { CacheCall } from "./ports-cache.ts";

/** undefined: there is none; then its version is 0, and what is there has one from 1 on. */
export interface Versioned<T> {
  readonly value: T | undefined;
  readonly version: number;
}

export interface CachedRead {
  readonly minVersion?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface CachedStore<T> {
  /** Rejects when the store does, or with the signal's reason. */
  read(key: string, how?: CachedRead): Promise<T | undefined>;
  /** To be called after the store has it. Never rejects but by the signal. */
  wrote(key: string, found: Versioned<T>, call?: CacheCall): Promise<void>;
  /** To be called after the store has given up what is older than `minVersion`. Never rejects but by the signal. */
  forget(key: string, minVersion: number, call?: CacheCall): Promise<void>;
  /** Resolves when nothing is on its way to the cache any more. */
  settled(): Promise<void>;
}

/** What became of reads, and how often the cache itself failed. */
export interface CacheCounts {
  hits: number;
  misses: number;
  /** The cache had something that was too old, over, or not to be read. */
  stale: number;
  /** Calls that the cache did not carry out. */
  failures: number;
}

export const negativeMs = 5000;

/** Entries that were made together do not end together. `chance` is uniform in [0, 1). */
export function jittered(ttlMs: number, chance: number): number {
  return ttlMs * (0.9 + 0.2 * chance);
}

/** An answer as it lies in the cache: kind 1, end 8, then the value. */
const headerBytes = 9;

export function encodeAnswer(value: Uint8Array | undefined, endsAtMs: number): Uint8Array {
  const bytes = new Uint8Array(headerBytes + (value?.length ?? 0));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, value === undefined ? 0 : 1);
  view.setFloat64(1, endsAtMs);
  if (value !== undefined) bytes.set(value, headerBytes);
  return bytes;
}

/** undefined: it is over, or was never one. */
export function decodeAnswer(
  bytes: Uint8Array,
  nowMs: number,
): { readonly value: Uint8Array | undefined } | undefined {
  if (bytes.length < headerBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = view.getUint8(0);
  if (kind > 1 || !(nowMs < view.getFloat64(1))) return undefined;
  return { value: kind === 0 ? undefined : bytes.subarray(headerBytes) };
}
