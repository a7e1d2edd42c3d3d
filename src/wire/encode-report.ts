// report.json, written by `millrace encode`: its names are an interface that others rely on.
import { z } from "zod";

const point = z.object({
  shot: z.number().int(),
  width: z.number().int(),
  height: z.number().int(),
  crf: z.number(),
  bits: z.number(),
  bitrateBps: z.number(),
  quality: z.number(),
  codec: z.string().optional(),
});

/** `quality` is on the report's metric. The same figure stands under `vmaf` too when that metric is VMAF, and never else. */
const scored = { quality: z.number(), vmaf: z.number().optional() };

/** A point of a curve over the whole film. */
const filmPoint = z.object({
  width: z.number().int(),
  height: z.number().int(),
  crf: z.number().optional(),
  /** What a baseline that is told its bitrate was told. */
  targetBps: z.number().optional(),
  bitrateBps: z.number(),
  ...scored,
});

const baseline = z.object({
  name: z.enum(["fixed-crf-native", "per-title-hull", "netflix-2015", "peertube"]),
  label: z.string(),
  /** Each point was encoded and scored as a whole; otherwise some come from interpolation between trials. */
  measured: z.boolean(),
  points: z.array(filmPoint),
  /** What this baseline alone costs to encode. */
  cpuSeconds: z.number().optional(),
});

const economics = z.object({
  prices: z.object({ currency: z.string(), egressPerGb: z.number(), cpuHour: z.number() }),
  encodeCpuSeconds: z.number(),
  encodeCost: z.number(),
  /** False when anything an earlier run had made was reused: the cost is then at least this. */
  isWhole: z.boolean(),
  /** Only baselines whose curve shares a quality with the ladder's. */
  against: z
    .array(
      z.object({
        name: z.string(),
        label: z.string(),
        /** Where both are read off: the usual quality, or the nearest to it that both reach. */
        quality: z.number(),
        bytesPerPlay: z.number(),
        baselineBytesPerPlay: z.number(),
        bytesSavedPerPlay: z.number(),
        egressSavedPerPlay: z.number(),
        baselineCpuSeconds: z.number().optional(),
        extraEncodeCost: z.number(),
        /** Null: this ladder needs more bits than the baseline, so no number of plays repays it. */
        breakEvenPlays: z.number().nullable(),
      }),
    )
    .readonly(),
});

const origin = z.enum(["trials", "finished"]);

export const encodeReport = z.object({
  version: z.literal(1),
  source: z.object({
    file: z.string(),
    sha256: z.string(),
    width: z.number().int(),
    height: z.number().int(),
    fps: z.number(),
    frames: z.number().int(),
    durationSeconds: z.number(),
    hasAudio: z.boolean(),
  }),
  /** What was done to the film before anything was measured, and what of it was not used, a phrase each. Absent in older reports. */
  intake: z.object({ mended: z.array(z.string()), leftOut: z.array(z.string()) }).optional(),
  metric: z.object({
    /** "vmaf", "ssim", or what another measure calls itself. */
    name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
    model: z.string(),
    pooling: z.string(),
    displayWidth: z.number().int(),
    displayHeight: z.number().int(),
    subsample: z.number().int(),
  }),
  /** Names of the methods that were not the encoder's own. */
  methods: z
    .object({
      detect: z.string().optional(),
      grid: z.string().optional(),
      allocate: z.string().optional(),
      measure: z.string().optional(),
    })
    .optional(),
  effort: z.string(),
  shots: z.array(
    z.object({
      startFrame: z.number().int(),
      endFrame: z.number().int(),
      /** Its picture on a sheet beside the report: "shots.jpg#xywh=160,0,160,90" (W3C Media Fragments §4.2.2). */
      thumbnail: z.string().optional(),
    }),
  ),
  trials: z.array(point),
  /** Per shot, the vertices of its convex hull by rising bits. */
  hulls: z.array(z.array(point)),
  /** The same of every codec but the first. */
  otherHulls: z.array(z.object({ codec: z.string(), hulls: z.array(z.array(point)) })).optional(),
  ladder: z.array(
    z.object({
      id: z.string(),
      codec: z.string(),
      width: z.number().int(),
      height: z.number().int(),
      bitrateBps: z.number(),
      ...scored,
      crf: z.array(z.number()),
      /** Per shot: what the allocation expected of its CRF, between trials interpolated. Absent in older reports. */
      points: z.array(point).optional(),
      /** From the trials. */
      predicted: z.object({ bitrateBps: z.number(), ...scored }).optional(),
      /** Of the finished pieces; `peakBps` is the dearest segment's. */
      measured: z.object({ bitrateBps: z.number(), ...scored, peakBps: z.number() }).optional(),
      /** Per shot: the bits of its finished piece. */
      shotBits: z.array(z.number()).optional(),
    }),
  ),
  /** The plain ladder everything is compared with: every height at one CRF, from the trials, between them interpolated. */
  fixedLadder: z.array(
    z.object({ height: z.number().int(), crf: z.number(), bitrateBps: z.number(), ...scored }),
  ),
  /** Negative is fewer bits at equal quality; null where they cannot be compared. */
  bdRatePercent: z.object({
    fixedLadder: z.number().nullable(),
    fixedCrfNative: z.number().nullable(),
    perTitleHull: z.number().nullable(),
    netflix2015: z.number().nullable().optional(),
    peertube: z.number().nullable().optional(),
  }),
  /** Each codec against its own baselines, and against the first codec: from the trials. */
  codecs: z
    .array(
      z.object({
        codec: z.string(),
        bdRatePercent: z.object({
          fixedLadder: z.number().nullable(),
          fixedCrfNative: z.number().nullable(),
          perTitleHull: z.number().nullable(),
        }),
        bdRateAgainstFirst: z.number().nullable(),
      }),
    )
    .optional(),
  /** What each rate compares: curves from the trials, or the finished H.264 ladder with baselines that were encoded. */
  bdRatesFrom: z
    .object({
      fixedLadder: origin,
      fixedCrfNative: origin,
      perTitleHull: origin,
      netflix2015: origin.optional(),
      peertube: origin.optional(),
    })
    .optional(),
  /** Of older reports: "finished" says so of every rate but `fixedLadder`. Absent means trials. */
  bdRateFrom: origin.optional(),
  baselines: z.array(baseline).optional(),
  /** The best films the trials allow, one resolution each: the curve the rungs were chosen from, thinned. */
  frontier: z.array(filmPoint).optional(),
  stages: z
    .array(
      z.object({
        name: z.string(),
        wallSeconds: z.number(),
        cpuSeconds: z.number(),
        jobs: z.number().int(),
        /** Of the jobs, those an earlier run had finished. */
        reused: z.number().int(),
      }),
    )
    .optional(),
  economics: economics.optional(),
  encodesRun: z.number().int(),
  encodesReused: z.number().int(),
  /** Programs that crashed or hung and were run a second time, of whatever stage. Absent in older reports. */
  encodesRetried: z.number().int().optional(),
  encodesExhaustive: z.number().int(),
  /** A segment's rate to its rung's mean, at most, as far as shots could be made coarser. */
  peakRatio: z.number().optional(),
  wallSeconds: z.number(),
  cpuSeconds: z.number(),
});
export type EncodeReport = z.infer<typeof encodeReport>;

/**
 * A report that was kept, by whatever version. Older ones have every figure under `vmaf` alone, even where the metric
 * was SSIM: it is read as `quality`, and the wrong name is dropped.
 */
export const keptReport = z.preprocess(renewed, encodeReport);

function renewed(report: unknown): unknown {
  const shape = z.looseObject({ metric: z.looseObject({ name: z.string() }) });
  const read = shape.safeParse(report);
  return read.success ? rescored(read.data, read.data.metric.name === "vmaf") : report;
}

function rescored(value: unknown, isVmaf: boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => rescored(one, isVmaf));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, rescored(inner, isVmaf)]);
  const { vmaf, ...others }: Record<string, unknown> = Object.fromEntries(entries);
  if (vmaf === undefined) return others;
  return { quality: vmaf, ...others, ...(isVmaf && { vmaf }) };
}
