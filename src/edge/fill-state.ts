// What an appliance knows about its disk and its plan, and the words in which the fill queue and the world talk.
//
// The state belongs to the machine in fill-queue.ts, which changes it in place: a box holds up to a million files,
// and a copy per event would cost more than the fill. Nothing else may write to it.
import { hash64 } from "#units/hash.ts";
import { type BitsPerSecond, type Bytes, bitsPerSecond, bytes, type Milliseconds } from "#units/quantity.ts";
import { KeyHeap } from "./fill-heap.ts";
import type { FillWindow, WindowAt } from "./fill-window.ts";

/** When something happens: by the clock that never goes back, and by the one that people read, which may jump. */
export interface FillMoment {
  readonly monoMs: number;
  readonly wallMs: number;
}

/** When and how fast to fill, as the plan says. */
export interface FillRules {
  /** Absent: always open. */
  readonly window?: FillWindow | undefined;
  /** All fill together, bit/s; 0 is no cap. */
  readonly rateBps: number;
  /** Of the throughput that viewers leave free: for the urgent lane outside the window. */
  readonly urgentShare: number;
}

/** Without a word from control: at any time, as fast as the box's own settings allow. */
export const noRules: FillRules = { rateBps: 0, urgentShare: 0 };

export interface Source {
  readonly sourceId: string;
  readonly kind: "peer" | "tier" | "origin";
  readonly baseUrl: string;
  /** Not asked before the file could have been fetched for so long. Absent: at once. */
  readonly afterMs?: number | undefined;
}

export interface WantedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What is filled, verified and advertised as one: "title/rendition". */
export interface WantedBundle {
  readonly id: string;
  readonly titleId: string;
  readonly files: readonly WantedFile[];
  /** Best first. */
  readonly sources: readonly Source[];
  /** Fetched outside the window as well. */
  readonly urgent?: boolean | undefined;
}

export interface FillLimits {
  readonly budget: Bytes;
  readonly fetches: number;
  readonly checks: number;
  readonly retryMin: Milliseconds;
  readonly retryMax: Milliseconds;
  /** The box's own cap on all fill, bit/s; 0 is none. */
  readonly cap: BitsPerSecond;
  /** What the box can send. */
  readonly throughput: BitsPerSecond;
  /** Viewers and the urgent lane together stay below this share of it. */
  readonly limitShare: number;
  /** "always": the plan's window does not count. */
  readonly window: "plan" | "always";
}

/** One file of the plan. `key` is its place under `v/`: "title/path". */
export interface PlannedFile extends WantedFile {
  readonly key: string;
  readonly titleId: string;
  readonly sources: readonly Source[];
  readonly bundles: readonly string[];
  readonly urgent: boolean;
  /** Place in the plan. */
  readonly rank: number;
  /** Since when it could have been fetched, by the file's own clock: see fill-time.ts. */
  readonly since: number;
}

export type FillEvent =
  /** Once, at the start: what lies on the disk. */
  | {
      readonly kind: "inventory";
      readonly files: readonly {
        readonly key: string;
        readonly bytes: number;
        /** Its hash, computed by the agent that handed over. */
        readonly proof?: string | undefined;
      }[];
      readonly partials: readonly { readonly name: string; readonly bytes: number }[];
      readonly quarantineBytes: number;
    }
  | {
      readonly kind: "desired";
      readonly bundles: readonly WantedBundle[];
      readonly fill?: FillRules | undefined;
    }
  /** What is sent to viewers now. */
  | { readonly kind: "load"; readonly bitsPerSecond: number }
  /** Viewers asked for these, and they were not there. */
  | { readonly kind: "missed"; readonly keys: readonly string[] }
  /** Hash of a file in its place; undefined when there is none. */
  | { readonly kind: "inspected"; readonly key: string; readonly sha256: string | undefined }
  | { readonly kind: "quarantined"; readonly key: string; readonly quarantineBytes: number }
  | { readonly kind: "purged" }
  /** A held file was read again: `proof` is what it was then, `sha256` what it is; undefined when it is not there. */
  | {
      readonly kind: "scrubbed";
      readonly key: string;
      readonly proof: string;
      readonly sha256: string | undefined;
    }
  /** A download is complete. `resumed`: its beginning was there before. */
  | { readonly kind: "arrived"; readonly key: string; readonly received: number; readonly resumed: boolean }
  | {
      readonly kind: "failed";
      readonly key: string;
      readonly received: number;
      readonly partialBytes: number;
      readonly why: FetchFailure;
      readonly detail: string;
    }
  /** Hash of a complete download. */
  | { readonly kind: "hashed"; readonly key: string; readonly sha256: string }
  | { readonly kind: "admitted"; readonly key: string }
  | { readonly kind: "discarded"; readonly name: string }
  | { readonly kind: "removed"; readonly key: string }
  /** The disk did not do what a command asked for; `key` may be the name of a partial. */
  | { readonly kind: "broke"; readonly key: string; readonly detail: string }
  /** A write for this key found no room on the disk. */
  | { readonly kind: "full"; readonly key: string; readonly detail: string }
  /** The control plane has taken a report made from this version of the advertisement. */
  | { readonly kind: "reported"; readonly version: number }
  | { readonly kind: "tick" };

/** `unreachable`: the source as a whole. `refused`: this file there. `wrong-size`: it sent something else. */
export type FetchFailure = "unreachable" | "refused" | "wrong-size" | "cancelled";

export type FillCommand =
  | { readonly kind: "inspect"; readonly key: string }
  | { readonly kind: "quarantine"; readonly key: string }
  | { readonly kind: "purge" }
  | { readonly kind: "fetch"; readonly file: PlannedFile; readonly source: Source; readonly name: string }
  | { readonly kind: "cancel"; readonly key: string }
  | { readonly kind: "hash"; readonly key: string; readonly name: string }
  | { readonly kind: "admit"; readonly key: string; readonly name: string }
  | { readonly kind: "discard"; readonly name: string }
  | { readonly kind: "remove"; readonly key: string };

export type Work =
  | { readonly kind: "inspecting" | "quarantining" | "removing" }
  | {
      readonly kind: "fetching" | "hashing" | "admitting";
      readonly file: PlannedFile;
      readonly source: Source;
      readonly resumed: boolean;
    };

/** What changed about a file in its place; without `proof` and `bytes` it is gone. */
export interface DiskChange {
  readonly key: string;
  readonly entry: DiskEntry | undefined;
}

/** A file in its place; `proof` is its hash, if it was computed in this run, or handed over. */
export interface DiskEntry {
  readonly bytes: number;
  readonly proof: string | undefined;
  /** By the agent before. */
  readonly isHandedOver?: true;
}

export interface Rest {
  readonly until: number;
  readonly times: number;
  /** Of a source that rests, whole or for one file. */
  readonly source?: Source | undefined;
  /** Of a file that rests, everywhere or at one source. */
  readonly key?: string | undefined;
}

export interface FillState {
  readonly limits: FillLimits;
  started: boolean;
  rules: FillRules;
  /** Undefined without a window. */
  window: WindowAt | undefined;
  /** Outside it, only what is urgent is fetched, and that only while the lane has a rate. */
  isOpen: boolean;
  /** Of all fetches together, bit/s; Infinity without a cap. */
  rate: BitsPerSecond;
  /** Sent to viewers. */
  load: BitsPerSecond;
  /** Time in which the window was open, since the start, as of `nowMs`. */
  openMs: number;
  nowMs: number;
  /** The plan, by key and by bundle. */
  planned: Map<string, PlannedFile>;
  plannedBytes: number;
  bundles: Map<string, readonly string[]>;
  /** Per bundle of the plan: how many of its files are not proven yet. */
  readonly lacking: Map<string, number>;
  /** Bundles that lack a file. */
  lackingBundles: number;
  /** Bundles of an earlier plan that are still whole, and still advertised. */
  readonly former: Map<string, ReadonlySet<string>>;
  readonly disk: Map<string, DiskEntry>;
  /** Since the last step began. */
  changes: DiskChange[];
  readonly partials: Map<string, number>;
  readonly discarding: Set<string>;
  readonly work: Map<string, Work>;
  /** Fetches that were told to stop, and have not ended. */
  readonly stopping: Set<string>;
  /** Keys of the plan that are neither proven nor being worked on. */
  readonly pending: Set<string>;
  /** Of these: what lies on the disk and is to be hashed, and what is to be fetched urgently. */
  readonly unchecked: Set<string>;
  readonly urgent: Set<string>;
  /** The same in the order of work, each once in one of the three: what is to be hashed, what is to be fetched, what waits. */
  readonly checks: KeyHeap;
  readonly fetches: KeyHeap;
  readonly waiting: KeyHeap;
  /** Files that were proven and are rotten or gone since; of these, what viewers asked for. */
  readonly lost: Set<string>;
  readonly asked: Set<string>;
  /** More could be done at once. */
  hasMore: boolean;
  /** The first end of a rest that is not in `waiting`: of the disk, of a file that is to go. */
  restEndsAt: number;
  /** Keys on disk that are not in the plan. */
  readonly strays: Set<string>;
  /** Strays to be removed, once the control plane knows the advertisement of that version. */
  readonly leaving: Map<string, { readonly version: number; readonly bytes: number }>;
  /** Sources, files, and files at sources that are left alone for a while. */
  readonly rests: Map<string, Rest>;
  /** Sums over disk, partials, the full size of downloads under way, quarantine, and what leaves. */
  diskBytes: number;
  partialBytes: number;
  reservedBytes: number;
  quarantineBytes: number;
  leavingBytes: number;
  purging: boolean;
  fetching: number;
  checking: number;
  removing: number;
  /** Rises whenever the advertisement changes. */
  version: number;
  reported: number;
  problem: string;
  /** Files found rotten since the start. */
  rotten: number;
  readonly counts: {
    filesVerified: number;
    bytesFromPeers: number;
    bytesFromTier: number;
    bytesFromOrigin: number;
    rejected: number;
  };
}

export function emptyFill(limits: FillLimits): FillState {
  return {
    limits,
    started: false,
    rules: noRules,
    window: undefined,
    isOpen: true,
    rate: bitsPerSecond(limits.cap || Number.POSITIVE_INFINITY),
    load: bitsPerSecond(0),
    openMs: 0,
    nowMs: 0,
    planned: new Map(),
    plannedBytes: 0,
    bundles: new Map(),
    lacking: new Map(),
    lackingBundles: 0,
    former: new Map(),
    disk: new Map(),
    changes: [],
    partials: new Map(),
    discarding: new Set(),
    work: new Map(),
    stopping: new Set(),
    pending: new Set(),
    unchecked: new Set(),
    urgent: new Set(),
    checks: new KeyHeap(),
    fetches: new KeyHeap(),
    waiting: new KeyHeap(),
    lost: new Set(),
    asked: new Set(),
    hasMore: false,
    restEndsAt: Number.POSITIVE_INFINITY,
    strays: new Set(),
    leaving: new Map(),
    rests: new Map(),
    diskBytes: 0,
    partialBytes: 0,
    reservedBytes: 0,
    quarantineBytes: 0,
    leavingBytes: 0,
    purging: false,
    fetching: 0,
    checking: 0,
    removing: 0,
    version: 0,
    reported: -1,
    problem: "",
    rotten: 0,
    counts: { filesVerified: 0, bytesFromPeers: 0, bytesFromTier: 0, bytesFromOrigin: 0, rejected: 0 },
  };
}

/** Whether this file of the plan lies on the disk with the right hash, computed in this run or handed over. */
export function isProven(state: FillState, file: PlannedFile): boolean {
  return state.disk.get(file.key)?.proof === file.sha256;
}

/** Ids of the bundles whose every file is proven: all that may be advertised. */
export function advertised(state: FillState): readonly string[] {
  const whole = [...state.lacking].filter(([, lacking]) => lacking === 0).map(([id]) => id);
  return [...whole, ...state.former.keys()].sort();
}

/** What counts against the budget now. */
export function usedBytes(state: FillState): Bytes {
  return bytes(state.diskBytes + state.partialBytes + state.reservedBytes + state.quarantineBytes);
}

/** Name of a half-fetched file: by content, so that it can go on after a restart, and by place, so that twins do not mix. */
export function partialName(file: Pick<PlannedFile, "key" | "sha256">): string {
  const [high, low] = hash64(file.key);
  return `${file.sha256}-${high.toString(16)}${low.toString(16)}.part`;
}
