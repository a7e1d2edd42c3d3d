// What is kept of the stream job's records, and of the job itself.

/** Whole numbers that add up. What each means: #qoe/definitions.ts. */
export interface KeptFigures {
  readonly events: number;
  readonly plays: number;
  readonly starts: number;
  readonly startupMs: number;
  readonly startFailures: number;
  readonly exits: number;
  readonly failures: number;
  readonly playMs: number;
  readonly stallMs: number;
  readonly stalls: number;
  readonly switches: number;
  readonly playedBits: number;
  readonly heightMs: number;
  readonly responses: number;
  readonly badResponses: number;
}

interface KeptLabels {
  readonly appliance: string;
  readonly network: string;
  readonly title: string;
  readonly device: string;
}

/** Start-up times in ms by bucket. */
export type KeptBuckets = Readonly<Record<string, number>>;

export type KeptRecord =
  | ({
      readonly kind: "window";
      readonly by: "series" | "title" | "appliance";
      readonly sizeMs: number;
      readonly startMs: number;
      readonly startupBuckets: KeptBuckets;
      /** Events that did not count for just themselves; absent: none. */
      readonly estimates?: number;
    } & KeptLabels &
      KeptFigures)
  | {
      readonly kind: "watching";
      readonly by: "all" | "title" | "appliance";
      readonly sizeMs: number;
      readonly startMs: number;
      readonly appliance: string;
      readonly title: string;
      readonly watchedMs: number;
      readonly atEnd: number;
    }
  | ({
      readonly kind: "session";
      readonly sessionId: string;
      readonly source: string;
      readonly site: string;
      readonly outcome: string;
      readonly startMs: number;
      readonly endMs: number;
      /** What its player said that it played; absent: nothing. */
      readonly codec?: string | undefined;
      readonly rule?: string | undefined;
    } & KeptLabels &
      KeptFigures)
  | ({
      readonly kind: "correction";
      readonly atMs: number;
      readonly sessionId: string;
      readonly source: string;
      readonly seq: number;
      readonly sessionStartMs: number;
      readonly startupBuckets: KeptBuckets;
      /** Events that did not count for just themselves; absent: none. */
      readonly estimates?: number;
    } & KeptLabels &
      KeptFigures)
  | ({
      readonly kind: "misses";
      readonly startMs: number;
      readonly site: string;
      /** What tells a correction from its window and from others; empty for the window. */
      readonly late: string;
    } & KeptMisses);

/** Bytes: what each is stands in #qoe/miss-record.ts. */
export interface KeptMisses {
  readonly all: number;
  readonly offloaded: number;
  readonly best: number;
  readonly content: number;
  readonly health: number;
  readonly capacity: number;
  readonly other: number;
  readonly unjoined: number;
}

/** By partition of the log: the next record to read. */
export type LogPosition = Readonly<Record<string, number>>;

/** Parts of a job's state that never change, written once each. */
export interface KeptParts {
  /** Those before it are deleted, and those from `until` on: of a state that was saved by another program meanwhile. */
  readonly from: number;
  readonly until: number;
  /** Below `until`; one that is there already is replaced. */
  readonly put: readonly {
    readonly id: number;
    /** Plain data. */
    readonly part: unknown;
  }[];
}

export interface KeptJob {
  readonly position: LogPosition;
  /** Plain data. */
  readonly state: unknown;
  /** By id. */
  readonly parts: KeptParts["put"];
}

/** What a session's words are joined with. Empty: not known. */
export interface KeptFacts {
  readonly sessionId: string;
  readonly titleId: string;
  readonly network: string;
  readonly device: string;
  readonly site: string;
}

export type QoeDimension = "appliance" | "title" | "network" | "device";

/** Sessions are told apart by more than windows are. */
export type SessionDimension = QoeDimension | "codec" | "rule";

export interface QoeQuery {
  readonly by: QoeDimension;
  readonly sizeMs: number;
  /** A window's start, as is `untilMs`, which is not in it. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Of one label in one window, corrections added in. */
export interface QoeSum extends KeptFigures {
  readonly estimates: number;
  readonly key: string;
  readonly startMs: number;
}

export interface MissSum extends KeptMisses {
  readonly site: string;
  readonly startMs: number;
}

export interface QoeSums {
  readonly sums: readonly QoeSum[];
  readonly startups: readonly {
    readonly key: string;
    readonly startMs: number;
    readonly buckets: KeptBuckets;
  }[];
  /** Of titles and appliances only. */
  readonly watching: readonly {
    readonly key: string;
    readonly startMs: number;
    readonly watchedMs: number;
    readonly atEnd: number;
  }[];
}

export interface BreakdownQuery {
  readonly by: SessionDimension;
  readonly and: SessionDimension | undefined;
  readonly also: SessionDimension | undefined;
  /** Of the sessions' beginnings. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly limit: number;
}

interface KeptSpread {
  readonly median: number | null;
  readonly slow: number | null;
}

/** Sessions of the same labels, summed up. */
export interface QoeBreakdown {
  readonly groups: readonly (KeptFigures & {
    readonly key: string;
    readonly other: string;
    readonly third: string;
    readonly sessions: number;
    /** Of them, those with at least one stall. */
    readonly stalled: number;
    readonly startup: KeptSpread;
    readonly stallRatio: KeptSpread;
    /** `slow`: the fifth percentile. */
    readonly bitrate: KeptSpread;
  })[];
  readonly leftOut: number;
}

export interface QoeStore {
  /** Of the job that reads this log; undefined before its first save. */
  job(name: string): Promise<KeptJob | undefined>;
  /** What came out, where the job stands and what it knows, all or nothing. A record that is there already is replaced. */
  save(
    order: Pick<KeptJob, "position" | "state"> & {
      readonly name: string;
      readonly records: readonly KeptRecord[];
      /** Absent: they stay as they are. */
      readonly parts?: KeptParts;
    },
  ): Promise<void>;
  /** Of the sessions that were opened here. */
  facts(sessionIds: readonly string[]): Promise<readonly KeptFacts[]>;
  sums(query: QoeQuery): Promise<QoeSums>;
  /** Windows of a minute of each site, corrections added in, in their order. */
  misses(span: Pick<QoeQuery, "fromMs" | "untilMs">): Promise<readonly MissSum[]>;
  /** Of sessions that are over, with the most plays first. */
  breakdown(query: BreakdownQuery): Promise<QoeBreakdown>;
  /** Drops windows of up to `shortMs` that began before `shortBeforeMs`, and everything before `beforeMs`. */
  forget(order: {
    readonly shortMs: number;
    readonly shortBeforeMs: number;
    readonly beforeMs: number;
  }): Promise<void>;
}
