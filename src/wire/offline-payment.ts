// What the offline payment provider tells by webhook.
import { z } from "zod";

export const offlineEvent = z.object({
  id: z.string(),
  task: z.string(),
  ref: z.string(),
  reason: z.string().optional(),
  charge: z.object({
    outcome: z.enum(["unknown", "needs-action", "failed", "succeeded"]),
    refundedMinor: z.number().int().min(0),
    dispute: z.enum(["none", "open", "won", "lost"]),
    disputedMinor: z.number().int().min(0),
  }),
});
