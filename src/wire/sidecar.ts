// sidecar.json in a title's index folder: what the player knows about every segment before it asks for it.
import { z } from "zod";

/**
 * Per segment, the first 16 hex digits of its file's sha256: 64 bits tell accident, not malice. The whole sha256 of every file
 * is in the package's list of files, which appliances verify. Absent in older packages.
 */
const sha256Prefix = z.array(z.string().regex(/^[0-9a-f]{16}$/));

export const sidecar = z.object({
  version: z.literal(1),
  titleId: z.string(),
  /** Size of the picture that was scored, and every how many frames: absent in older packages. */
  metric: z.object({
    /** "vmaf", "ssim", or what another measure calls itself. */
    name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
    model: z.string(),
    pooling: z.string().optional(),
    displayWidth: z.number().int().optional(),
    displayHeight: z.number().int().optional(),
    subsample: z.number().int().optional(),
  }),
  /** Length of each segment, milliseconds; the same for all video renditions. */
  durationsMs: z.array(z.number()),
  renditions: z.array(
    z.object({
      id: z.string(),
      /** Absent in older packages, which are all h264. */
      codec: z.enum(["h264", "hevc", "vp9", "av1"]).optional(),
      width: z.number().int(),
      height: z.number().int(),
      bitrateBps: z.number(),
      /** Per segment. */
      bytes: z.array(z.number().int()),
      /** Per segment: frame-weighted mean quality on the metric's scale. */
      quality: z.array(z.number()),
      sha256Prefix: sha256Prefix.optional(),
    }),
  ),
  /** Every sound of the title, with segments of its own lengths; the first plays unless another is chosen. */
  sounds: z
    .array(
      z.object({
        id: z.string(),
        codec: z.enum(["aac", "opus"]),
        /** BCP 47, or "und". */
        language: z.string(),
        bitrateBps: z.number(),
        bytes: z.array(z.number().int()),
        sha256Prefix: sha256Prefix.optional(),
      }),
    )
    .optional(),
  /** The one sound of older packages, which have no `sounds`. */
  audio: z.object({ id: z.string(), bytes: z.array(z.number().int()) }).optional(),
});
export type Sidecar = z.infer<typeof sidecar>;

/** Sizes of a rendition's segments, be it picture or sound; undefined when the sidecar does not know it. */
export function segmentSizes(title: Sidecar, rendition: string): readonly number[] | undefined {
  const { renditions, sounds = [], audio } = title;
  const all = [...renditions, ...sounds, ...(audio === undefined ? [] : [audio])];
  return all.find((one) => one.id === rendition)?.bytes;
}

/** First hex digits of the sha256 of a rendition's segments; undefined when the sidecar is too old to have them. */
export function segmentHashes(title: Sidecar, rendition: string): readonly string[] | undefined {
  return [...title.renditions, ...(title.sounds ?? [])].find((one) => one.id === rendition)?.sha256Prefix;
}
