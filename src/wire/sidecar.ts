// sidecar.json in a title's index folder: what the player knows about every segment before it asks for it.
import { z } from "zod";

export const sidecar = z.object({
  version: z.literal(1),
  titleId: z.string(),
  metric: z.object({ name: z.enum(["vmaf", "ssim"]), model: z.string() }),
  /** Length of each segment, milliseconds; the same for all video renditions. */
  durationsMs: z.array(z.number()),
  renditions: z.array(
    z.object({
      id: z.string(),
      width: z.number().int(),
      height: z.number().int(),
      bitrateBps: z.number(),
      /** Per segment. */
      bytes: z.array(z.number().int()),
      /** Per segment: frame-weighted mean quality on the metric's scale. */
      quality: z.array(z.number()),
    }),
  ),
  /** Sizes of the sound's segments, which have lengths of their own. Absent without sound, and in older packages. */
  audio: z.object({ id: z.string(), bytes: z.array(z.number().int()) }).optional(),
});
export type Sidecar = z.infer<typeof sidecar>;
