// What the page is drawn from: the part of report.json (wire/encode-report.ts) that it reads.

export interface PagePoint {
  readonly shot: number;
  readonly height: number;
  readonly crf: number;
  readonly bits: number;
  readonly bitrateBps: number;
  readonly quality: number;
  readonly codec?: string | undefined;
}

/** A whole film; its quality is on the report's metric. */
export interface FilmPoint {
  readonly width?: number;
  readonly height: number;
  readonly crf?: number | undefined;
  readonly targetBps?: number | undefined;
  readonly bitrateBps: number;
  readonly quality: number;
}

export interface PageRung {
  readonly id: string;
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly bitrateBps: number;
  readonly quality: number;
  readonly crf: readonly number[];
  readonly points?: readonly PagePoint[] | undefined;
  readonly predicted?: Rate | undefined;
  readonly measured?: (Rate & { readonly peakBps: number }) | undefined;
  readonly shotBits?: readonly number[] | undefined;
}

interface Rate {
  readonly bitrateBps: number;
  readonly quality: number;
}

export interface PageBaseline {
  readonly name: string;
  readonly label: string;
  readonly measured: boolean;
  readonly points: readonly FilmPoint[];
  readonly cpuSeconds?: number | undefined;
}

export interface Stage {
  readonly name: string;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly jobs: number;
  readonly reused: number;
}

export interface Prices {
  readonly currency: string;
  /** Per 10⁹ bytes sent to a viewer. */
  readonly egressPerGb: number;
  readonly cpuHour: number;
}

/** What one baseline's bits would cost, beside ours. */
export interface Saving {
  readonly name: string;
  readonly label: string;
  readonly quality: number;
  readonly bytesPerPlay: number;
  readonly baselineBytesPerPlay: number;
  readonly bytesSavedPerPlay: number;
  readonly egressSavedPerPlay: number;
  readonly baselineCpuSeconds?: number | undefined;
  readonly extraEncodeCost: number;
  readonly breakEvenPlays: number | null;
}

export interface Economics {
  readonly prices: Prices;
  readonly encodeCpuSeconds: number;
  readonly encodeCost: number;
  readonly isWhole: boolean;
  readonly against: readonly Saving[];
}

export interface PageShot {
  readonly startFrame: number;
  readonly endFrame: number;
  readonly thumbnail?: string | undefined;
}

/** What a rate compares: curves from the trials, or finished encodes on both sides. */
export type Origin = "trials" | "finished";

export interface PageReport {
  readonly source: {
    readonly file: string;
    readonly sha256: string;
    readonly width: number;
    readonly height: number;
    readonly fps: number;
    readonly frames: number;
    readonly durationSeconds: number;
    readonly hasAudio: boolean;
  };
  readonly intake?: { readonly mended: readonly string[]; readonly leftOut: readonly string[] } | undefined;
  readonly metric: {
    readonly name: string;
    readonly model: string;
    readonly pooling: string;
    readonly displayWidth: number;
    readonly displayHeight: number;
    readonly subsample: number;
  };
  readonly effort: string;
  readonly shots: readonly PageShot[];
  readonly trials: readonly PagePoint[];
  readonly hulls: readonly (readonly PagePoint[])[];
  readonly ladder: readonly PageRung[];
  readonly fixedLadder: readonly FilmPoint[];
  readonly bdRatePercent: {
    readonly fixedLadder: number | null;
    readonly fixedCrfNative: number | null;
    readonly perTitleHull: number | null;
    readonly netflix2015?: number | null | undefined;
    readonly peertube?: number | null | undefined;
  };
  readonly bdRatesFrom?:
    | {
        readonly fixedLadder: Origin;
        readonly fixedCrfNative: Origin;
        readonly perTitleHull: Origin;
        readonly netflix2015?: Origin | undefined;
        readonly peertube?: Origin | undefined;
      }
    | undefined;
  /** Of older reports: of every rate but `fixedLadder`. */
  readonly bdRateFrom?: Origin | undefined;
  readonly baselines?: readonly PageBaseline[] | undefined;
  readonly frontier?: readonly FilmPoint[] | undefined;
  readonly stages?: readonly Stage[] | undefined;
  readonly economics?: Economics | undefined;
  readonly peakRatio?: number | undefined;
  readonly encodesRun: number;
  readonly encodesReused: number;
  readonly encodesExhaustive: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}
