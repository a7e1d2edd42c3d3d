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
  metric: z.object({
    name: z.enum(["vmaf", "ssim"]),
    model: z.string(),
    pooling: z.string(),
    displayWidth: z.number().int(),
    displayHeight: z.number().int(),
    subsample: z.number().int(),
  }),
  effort: z.string(),
  shots: z.array(z.object({ startFrame: z.number().int(), endFrame: z.number().int() })),
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
      /** On the report's metric; the key keeps its name, `metric.name` says what it is. */
      vmaf: z.number(),
      crf: z.array(z.number()),
      /** Per shot: what the allocation expected of its CRF, between trials interpolated. Absent in older reports. */
      points: z.array(point).optional(),
      /** From the trials. */
      predicted: z.object({ bitrateBps: z.number(), vmaf: z.number() }).optional(),
      /** Of the finished pieces; `peakBps` is the dearest segment's. */
      measured: z.object({ bitrateBps: z.number(), vmaf: z.number(), peakBps: z.number() }).optional(),
      /** Per shot: the bits of its finished piece. */
      shotBits: z.array(z.number()).optional(),
    }),
  ),
  /** The plain ladder everything is compared with, from real trials at the same heights. */
  fixedLadder: z.array(
    z.object({ height: z.number().int(), crf: z.number(), bitrateBps: z.number(), vmaf: z.number() }),
  ),
  /** Negative is fewer bits at equal quality; null where fewer than two points overlap. */
  bdRatePercent: z.object({
    fixedLadder: z.number().nullable(),
    fixedCrfNative: z.number().nullable(),
    perTitleHull: z.number().nullable(),
  }),
  /** Each codec against its own baselines, and against the first codec. */
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
  encodesRun: z.number().int(),
  encodesReused: z.number().int(),
  encodesExhaustive: z.number().int(),
  wallSeconds: z.number(),
  cpuSeconds: z.number(),
});
export type EncodeReport = z.infer<typeof encodeReport>;
