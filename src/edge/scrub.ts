// The scrubber: which held file is read again next, and when. A pure machine; edge/io/scrubber.ts obeys it.
//
// Disks lose bits in silence, and a lost bit in a segment is a viewer's broken picture. Reading everything again in turn
// finds them while another copy is there to fetch. Viewers and the fill go first: this work can wait.
//
// The order of `held` is the order of checks: what was just checked goes to the end. Files that are not verified lie apart:
// they are not read, and however many there are, they hold up none that is.
import { unreachable } from "#units/assert.ts";
import type { BytesPerSecond, Milliseconds } from "#units/quantity.ts";

export interface ScrubLimits {
  /** 0: never. */
  readonly rate: BytesPerSecond;
  /** Everything held is to be read once within this time. */
  readonly turn: Milliseconds;
}

export interface HeldFile {
  readonly bytes: number;
  /** Its sha256. */
  readonly proof: string;
  /** Monotonic, in ms, negative for checks before this start; undefined: not known. */
  readonly checkedAt: number | undefined;
  /** When it was last read on suspicion, and could be, monotonic, in ms. */
  readonly clearedAt?: number;
}

export interface ScrubState {
  readonly limits: ScrubLimits;
  /** Verified files. */
  readonly held: Map<string, HeldFile>;
  /** Files that lie here and are not verified, with the moment of their last check as in HeldFile. */
  readonly unverified: Map<string, number | undefined>;
  /** Held files that somebody could not read: they are read next, whatever else there is to do. */
  readonly suspects: Set<string>;
  /** Of verified files. */
  heldBytes: number;
  /** Checks before this start, of files that did not turn up yet: their moments, monotonic, in ms. */
  remembered: Map<string, number>;
  reading: { readonly key: string; readonly bytes: number; readonly begunAt: number } | undefined;
  /** The file that is read is left for a moment. */
  isWaiting: boolean;
  /** The rate allows no read before this monotonic moment, in ms. */
  nextAt: number;
  /** Since the start. */
  checkedFiles: number;
  checkedBytes: number;
}

/** Everything goes by the monotonic clock; the other one is only for what is kept over a restart. */
export interface ScrubNow {
  readonly monoMs: number;
  readonly wallMs: number;
}

export type ScrubEvent =
  /** By milliseconds since 1970. */
  | { readonly kind: "remembered"; readonly checks: ReadonlyMap<string, number> }
  /** A file in its place: verified (`proof`), just now or by the agent before, or not (any more). */
  | {
      readonly kind: "lies";
      readonly key: string;
      readonly bytes: number;
      readonly proof: string | undefined;
      readonly isHandedOver?: true;
    }
  | { readonly kind: "gone"; readonly key: string }
  /** nginx could not read it. */
  | { readonly kind: "suspected"; readonly key: string }
  /** It was read to its end, whatever was found, or could not be read now. */
  | { readonly kind: "read" | "unread"; readonly key: string }
  /** `isIdle`: nginx is not busy and no fill is under way. */
  | { readonly kind: "tick"; readonly isIdle: boolean };

export type ScrubCommand =
  | { readonly kind: "read"; readonly key: string; readonly proof: string }
  | { readonly kind: "wait" | "go-on" };

/** Share of the time in which there is nothing better to do, as far as planning goes. Chosen by us. */
const idleShare = 0.5;
/** A file that was read on suspicion, and could be, is not suspected again for so long. Chosen by us. */
const clearedMs = 600_000;
/** After a file that could not be read for another reason than its bytes. */
const unreadPauseMs = 60_000;

export function emptyScrub(limits: ScrubLimits): ScrubState {
  return {
    limits,
    held: new Map(),
    unverified: new Map(),
    suspects: new Set(),
    heldBytes: 0,
    remembered: new Map(),
    reading: undefined,
    isWaiting: false,
    nextAt: 0,
    checkedFiles: 0,
    checkedBytes: 0,
  };
}

/** Takes one event in; the state is changed in place. */
export function step(state: ScrubState, event: ScrubEvent, now: ScrubNow): readonly ScrubCommand[] {
  switch (event.kind) {
    case "remembered":
      recall(state, event.checks, now);
      return [];
    case "lies":
      takeFile(state, event, now.monoMs);
      return [];
    case "gone":
      forget(state, event.key);
      return [];
    case "suspected":
      suspect(state, event.key, now.monoMs);
      return [];
    case "read":
      takeCheck(state, event.key, now.monoMs);
      return [];
    case "unread":
      takeUnread(state, event.key, now.monoMs);
      return [];
    case "tick":
      return state.reading === undefined
        ? begin(state, event.isIdle, now.monoMs)
        : yieldTo(state, event.isIdle);
    default:
      return unreachable(event);
  }
}

/** A moment ahead of the clock, which was set back since, counts as now. */
function recall(state: ScrubState, checks: ReadonlyMap<string, number>, now: ScrubNow): void {
  for (const [key, at] of checks) {
    state.remembered.set(key, now.monoMs - Math.max(0, now.wallMs - at));
  }
}

/** Files that come all at once, at the start, come in the order of their checks: `held` is kept in it. */
export function byCheck<T extends { readonly key: string }>(
  state: ScrubState,
  files: readonly T[],
): readonly T[] {
  const at = ({ key }: T): number => state.remembered.get(key) ?? Number.MIN_SAFE_INTEGER;
  return files.toSorted((a, b) => at(a) - at(b));
}

function takeFile(state: ScrubState, file: Extract<ScrubEvent, { kind: "lies" }>, now: number): void {
  const { key, bytes, proof } = file;
  const before = state.held.get(key)?.checkedAt ?? state.unverified.get(key) ?? state.remembered.get(key);
  forget(state, key);
  if (proof === undefined) {
    state.unverified.set(key, before);
    return;
  }
  state.heldBytes += bytes;
  state.held.set(key, { bytes, proof, checkedAt: file.isHandedOver === true ? before : now });
}

function forget(state: ScrubState, key: string): void {
  state.heldBytes -= state.held.get(key)?.bytes ?? 0;
  state.held.delete(key);
  state.unverified.delete(key);
  state.remembered.delete(key);
  state.suspects.delete(key);
}

function suspect(state: ScrubState, key: string, now: number): void {
  const file = state.held.get(key);
  if (file === undefined || now - (file.clearedAt ?? Number.NEGATIVE_INFINITY) < clearedMs) return;
  state.suspects.add(key);
}

function takeCheck(state: ScrubState, key: string, now: number): void {
  const { reading } = state;
  state.reading = undefined;
  state.isWaiting = false;
  if (reading?.key !== key) return;
  state.checkedFiles += 1;
  state.checkedBytes += reading.bytes;
  state.nextAt = reading.begunAt + (reading.bytes / state.limits.rate) * 1000;
  const file = state.held.get(key);
  if (file === undefined) return;
  state.held.delete(key);
  const wasSuspect = state.suspects.delete(key);
  state.held.set(key, { ...file, checkedAt: now, ...(wasSuspect ? { clearedAt: now } : {}) });
}

/** Nothing was learned: others go first, and its moment stays. */
function takeUnread(state: ScrubState, key: string, now: number): void {
  state.reading = undefined;
  state.isWaiting = false;
  state.nextAt = now + unreadPauseMs;
  const file = state.held.get(key);
  if (file === undefined) return;
  state.held.delete(key);
  state.held.set(key, file);
  if (state.suspects.delete(key)) state.suspects.add(key);
}

function begin(state: ScrubState, isIdle: boolean, now: number): readonly ScrubCommand[] {
  if (state.limits.rate <= 0 || now < state.nextAt) return [];
  const [suspect] = state.suspects;
  const [oldest] = state.held.keys();
  const key = suspect ?? oldest ?? "";
  const file = state.held.get(key);
  if (file === undefined) return [];
  const isYoung = now - (file.checkedAt ?? Number.NEGATIVE_INFINITY) < restOf(state);
  if (suspect === undefined && (!isIdle || isYoung)) return [];
  state.reading = { key, bytes: file.bytes, begunAt: now };
  return [{ kind: "read", key, proof: file.proof }];
}

/**
 * How old a check may become before the next one, so that a turn in the idle part of the time still ends in time, in ms.
 *
 * rest = turn − heldBytes ÷ (rate · idleShare), at least 0
 */
export function restOf(state: Pick<ScrubState, "limits" | "heldBytes">): number {
  const { rate, turn } = state.limits;
  return Math.max(0, turn - (state.heldBytes / (rate * idleShare)) * 1000);
}

function yieldTo(state: ScrubState, isIdle: boolean): readonly ScrubCommand[] {
  const goesOn = isIdle || state.suspects.has(state.reading?.key ?? "");
  if (goesOn !== state.isWaiting) return [];
  state.isWaiting = !goesOn;
  return [{ kind: goesOn ? "go-on" : "wait" }];
}

/** Age of the oldest check of a file that lies here, in ms; 0 when there is none, or none is known. */
export function oldestCheckAge(state: ScrubState, monoMs: number): number {
  const [held] = state.held.values();
  const [unverified] = state.unverified.values();
  return Math.max(0, ...[held?.checkedAt, unverified].map((at) => (at === undefined ? 0 : monoMs - at)));
}

/** One line per file, "milliseconds key". Keys hold no space (isServable). */
export function ledgerText(state: ScrubState, now: ScrubNow): string {
  const checks = [
    ...state.unverified,
    ...[...state.held].map(([key, { checkedAt }]) => [key, checkedAt] as const),
  ];
  const lines = checks.map(([key, at]) =>
    at === undefined ? "" : `${Math.round(now.wallMs - (now.monoMs - at))} ${key}\n`,
  );
  return lines.join("");
}

/** Lines that say nothing are left out: that costs a check, no more. */
export function readLedger(text: string): ReadonlyMap<string, number> {
  const checks = new Map<string, number>();
  for (const [, at = "", key = ""] of text.matchAll(/^(\d{1,15}) (\S+)$/gm)) checks.set(key, Number(at));
  return checks;
}
