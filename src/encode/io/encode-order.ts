// What an encode is asked for, and what it tells on the way.
import type { Values } from "#config/setting.ts";
import type { AudioRate } from "#encode/audio-rates.ts";
import type { LadderWish } from "#encode/ladder.ts";
import type { Methods } from "#encode/methods.ts";
import type { OperatingPoint } from "#encode/operating-points.ts";
import type { encodeSettings } from "#encode/settings.ts";
import type { Effort } from "#encode/size.ts";
import type { SubtitleFile } from "#encode/subtitle-tracks.ts";
import type { GridName } from "#encode/trial-grid.ts";
import type { Tools } from "#io/tools.ts";
import type { Codec, EncodedFilm, EncodedRung, Metric, SegmentPlan, Shot } from "#model/encoded.ts";
import type { Source } from "#model/source.ts";
import type { EncodeReport } from "#wire/encode-report.ts";
import type { Elsewhere } from "./elsewhere.ts";
import type { Progress } from "./progress.ts";
import type { ShotSheet } from "./shot-pictures.ts";
import type { Working } from "./stage-teller.ts";

export interface EncodeOrder {
  /** Path of the master film. It is only read. */
  readonly film: string;
  /** Where trials, pieces and everything else that was paid for are kept between runs. */
  readonly workDir: string;
  readonly effort: Effort;
  /** H.264 alone unless named; the first is what the others are compared with. */
  readonly codecs?: readonly Codec[];
  /** Instead of the effort's own. */
  readonly grid?: GridName;
  /** Seconds that the trials may take: the largest grid that fits is chosen. */
  readonly budgetSeconds?: number;
  readonly heights?: readonly number[];
  readonly ladder?: LadderWish;
  /** Rates of each sound of the film; one AAC of 128 kbit/s when left out. */
  readonly audio?: readonly AudioRate[];
  /** Subtitle files beside the film; they come before its own. */
  readonly subtitles?: readonly SubtitleFile[];
  readonly tools: Tools;
  readonly settings: Values<typeof encodeSettings>;
  readonly signal: AbortSignal;
  readonly onEvent: (event: EncodeEvent) => void;
  /** What is decided in another way than ours. */
  readonly methods?: Partial<Methods>;
  /** Whether somebody will look at the report's page. */
  readonly shotPictures?: "wanted";
  /** Whether the films that the ladder is compared with are encoded too. */
  readonly baselines?: "wanted";
  /** Has trials, pieces and scores that lack made by others; the run ends where it needs them. */
  readonly elsewhere?: Elsewhere;
}

export interface EncodeResult {
  readonly film: EncodedFilm;
  readonly report: EncodeReport;
  readonly shotSheet?: ShotSheet;
}

export type EncodeEvent =
  /** A stage began, or goes on. */
  | ({ readonly kind: "working" } & Working)
  | {
      readonly kind: "probed";
      readonly source: Source;
      readonly fileName: string;
      /** Why the film could not be used as it is, a phrase each. */
      readonly mended: readonly string[];
      /** What of the film is not used, and why. */
      readonly leftOut: readonly string[];
    }
  | { readonly kind: "shots"; readonly shots: readonly Shot[]; readonly plan: SegmentPlan }
  /** What every quality of this run will be measured in; told once. */
  | { readonly kind: "metric"; readonly metric: Metric }
  | ({ readonly kind: "trials"; readonly codec: Codec } & Progress)
  | {
      readonly kind: "hulls";
      readonly codec: Codec;
      /** Predicted, against every height at `plainCrf`, at equal quality. */
      readonly bitsSavedPercent: number | undefined;
      readonly plainCrf: number | undefined;
      readonly hulls: readonly (readonly OperatingPoint[])[];
      /** Baselines will be encoded too, and compared with. */
      readonly comparesLater: boolean;
    }
  | ({ readonly kind: "encoding"; readonly codec: Codec } & Progress)
  /** Finished rungs, measured. */
  | ({ readonly kind: "scoring"; readonly codec: Codec } & Progress)
  | ({ readonly kind: "baselines" } & Progress)
  | { readonly kind: "encoded"; readonly rungs: readonly EncodedRung[] };
