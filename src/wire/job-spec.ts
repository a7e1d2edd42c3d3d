// What a worker is told of a job, and what it says it made. Both may have been written by another worker, so whatever ends up
// in a command line or in a path is checked here.
import { z } from "zod";
import { titleId } from "#units/id.ts";
import { bitsPerSecond, bytes, seconds } from "#units/quantity.ts";
import { keyRef } from "./content-keys.ts";
import { encodeReport } from "./encode-report.ts";
import { idText } from "./viewer.ts";

export const sha256Text = z.string().regex(/^[0-9a-f]{64}$/);
/** A file's name inside a folder: no step of it begins with a dot. */
export const fileName = z
  .string()
  .max(300)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/);

export const codecName = z.enum(["h264", "hevc", "vp9", "av1"]);
const count = z.number().int().min(0);
const side = z.number().int().min(1).max(65_536);
const size = { width: side, height: side };
const word = z.string().regex(/^[A-Za-z0-9._-]{0,64}$/);
const rate = z.object({ num: z.number().int().min(1), den: z.number().int().min(1) });

/** How a film is to be encoded: everything that changes what comes out. */
export const encodeWish = z.object({
  effort: z.enum(["draft", "standard", "exhaustive"]),
  codecs: z.array(codecName).min(1).max(4),
  heights: z.array(side).min(1).max(20).optional(),
  /** As `--audio` takes it: "aac64,aac128". */
  audio: z.string().regex(/^[a-z0-9,]{3,64}$/),
  /** Settings of encode by their names, as text. */
  settings: z.record(z.string().regex(/^MILLRACE_[A-Z_]+$/), z.string().max(64)),
});
export type EncodeWish = z.infer<typeof encodeWish>;

/** The film that everything is encoded from; `at`: a file of the work folder, or the master itself. */
export const referenceAt = z.object({
  at: z.union([z.literal("master"), fileName]),
  container: z.enum(["mov", "matroska", "mpegts"]),
  stream: count,
  display: z.object(size),
  rate,
  colours: z.object({ matrix: word, primaries: word, transfer: word }).optional(),
});
export type ReferenceAt = z.infer<typeof referenceAt>;

const point = z.object({ ...size, crf: z.number() });
const metric = z.object({
  ...{ name: word, model: word, pooling: z.literal("mean"), displayWidth: side, displayHeight: side },
  subsample: z.number().int().min(1),
});

export const trialOrderAt = z.object({
  codec: codecName,
  reference: referenceAt,
  referenceKey: sha256Text,
  frames: count,
  shots: z.array(z.object({ id: count, startFrame: count, endFrame: count })),
  plan: z.object({ boundaries: z.array(count), keyframes: z.array(count) }),
  metric,
  preset: word,
  peakRatio: z.number(),
});
export type TrialOrderAt = z.infer<typeof trialOrderAt>;

export const pieceAt = z.object({
  name: fileName,
  order: z.object({
    ...{ codec: codecName, preset: word, ...size, crf: z.number() },
    ...{ startFrame: count, frames: count, peak: z.number().min(0), timescale: z.number().int().min(1) },
    keyframes: z.array(count),
  }),
});
export type PieceAt = z.infer<typeof pieceAt>;

/** What an encode needs next, as one job's worth each. */
export const lackingWork = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("trials"),
    order: trialOrderAt,
    batches: z.array(z.array(point)),
    uses: z.array(fileName),
  }),
  z.object({
    kind: z.literal("pieces"),
    reference: referenceAt,
    /** `batches[batch][piece]`: what one program makes. */
    batches: z.array(z.array(pieceAt)),
  }),
  z.object({ kind: z.literal("scores"), order: trialOrderAt, rungs: z.array(z.array(pieceAt)) }),
]);
export type LackingWorkAt = z.infer<typeof lackingWork>;

/** `step`: how often the run was gone through before. */
const step = z.number().int().min(0);

export const jobSpec = z.discriminatedUnion("kind", [
  /** Goes through the film as far as what is there allows. */
  z.object({
    ...{ kind: z.literal("encode"), step, titleId: idText, wish: encodeWish, spread: z.number().int() },
    /** The keys that the package is encrypted with, by name: another set, another package. Absent: it is clear. */
    encryptWith: z.array(keyRef).length(4).optional(),
  }),
  z.object({
    ...{ kind: z.literal("trials"), step, order: trialOrderAt, points: z.array(point) },
    uses: z.array(fileName),
  }),
  z.object({
    kind: z.literal("pieces"),
    step,
    reference: referenceAt,
    batches: z.array(z.array(pieceAt)),
  }),
  z.object({ kind: z.literal("scores"), step, order: trialOrderAt, pieces: z.array(pieceAt) }),
  z.object({ kind: z.literal("publish"), step, manifest: sha256Text }),
]);
export type JobSpec = z.infer<typeof jobSpec>;

export const resultFile = z.object({
  name: fileName,
  bytes: count,
  sha256: sha256Text,
  /** It lies beside a seal in a work folder: encode/io/vault.ts. */
  sealed: z.boolean(),
});
export type ResultFile = z.infer<typeof resultFile>;

const rendition = z.object({
  id: idText,
  kind: z.enum(["video", "audio", "index"]),
  codecs: z.string().max(200),
  ...{ width: count, height: count },
  bitrate: z.number().min(0).transform(bitsPerSecond),
  peak: z.number().min(0).transform(bitsPerSecond),
  bytes: z.number().min(0).transform(bytes),
  files: z.array(z.object({ path: fileName, bytes: z.number().min(0).transform(bytes), sha256: sha256Text })),
});

const choice = { language: z.string().max(64), name: z.string().max(200) };

export const titlePackage = z.object({
  titleId: idText.transform(titleId),
  duration: z.number().min(0).transform(seconds),
  renditions: z.array(rendition),
  ...{ hls: fileName, dash: fileName, storyboard: fileName, poster: fileName, sidecar: fileName },
  segmentMs: z.array(z.number()).optional(),
  voices: z.array(z.object(choice)).max(200).optional(),
  subtitles: z
    .array(z.object({ ...choice, isForced: z.boolean() }))
    .max(200)
    .optional(),
  transport: fileName.optional(),
  protection: z
    .object({
      scheme: z.literal("cbcs"),
      tracks: z.array(keyRef.extend({ rendition: idText })).max(200),
    })
    .optional(),
});

/** What a job came to. It is itself a file, and its sha256 is the result. */
export const jobManifest = z.object({
  /** What was made, by name. */
  files: z.array(resultFile),
  outcome: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("made") }),
    z.object({ kind: z.literal("lacking"), work: lackingWork }),
    z.object({ kind: z.literal("packaged"), package: titlePackage, report: encodeReport }),
    z.object({ kind: z.literal("published") }),
  ]),
});
export type JobManifest = z.infer<typeof jobManifest>;
/** As it is written: before it is read. */
export type JobManifestText = z.input<typeof jobManifest>;
