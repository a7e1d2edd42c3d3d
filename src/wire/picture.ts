// A picture of a work, as it crosses the border.
import { z } from "zod";
import { pictureKinds, pictureTypes } from "#model/work.ts";

export const picture = z.object({
  kind: z.enum(pictureKinds),
  /** A path of this control plane; its bytes never change. */
  path: z.string(),
  type: z.enum(pictureTypes),
  width: z.number().int(),
  height: z.number().int(),
});
export type Picture = z.infer<typeof picture>;
