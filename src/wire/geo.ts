// What a record of a MaxMind database says that concerns steering; everything else in it is passed over.
import { z } from "zod";

export const geoRecord = z.object({
  location: z
    .object({
      latitude: z.number().optional(),
      longitude: z.number().optional(),
      /** km */
      accuracy_radius: z.number().optional(),
    })
    .optional(),
});
