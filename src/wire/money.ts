// What delivery moved, holds and cost, in bytes and seconds: GET /v1/ops/money. Prices are the reader's.
import { z } from "zod";

const count = z.number().int().min(0);
const amount = z.number().min(0);

export const moneyQuery = z.object({
  /** How far back. What is remembered ends at MILLRACE_SERIES_HOURS. */
  hours: z.coerce.number().int().min(1).max(384).default(24),
});

export const opsMoney = z.object({
  fromMs: z.number(),
  untilMs: z.number(),
  /** How much of that time anything is known of. */
  knownMs: amount,
  /** By what each site sent, the most first. */
  sites: z.array(
    z.object({
      /** "": all appliances together that sent something in that time and are no longer in the sites file. */
      id: z.string(),
      name: z.string(),
      appliances: count,
      /** Rate that its appliances reported, times time. */
      sentBytes: amount,
      /** On the disks of its appliances, by their last reports. */
      heldBytes: amount,
      budgetBytes: amount,
      /** Fetched from the origin since its agents' starts. */
      filledFromOriginBytes: amount,
    }),
  ),
  origin: z.object({ titles: count, titleBytes: amount, masters: count, masterBytes: amount }),
  /** By plays in that time, the most first. */
  titles: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      durationMs: count,
      plays: count,
      /** null: its encode left no report. */
      cpuSeconds: amount.nullable(),
      /** False: an earlier run had made a part, so that it cost at least this. */
      isWhole: z.boolean(),
      against: z.array(
        z.object({
          name: z.string(),
          label: z.string(),
          bytesPerPlay: amount,
          baselineBytesPerPlay: amount,
          /** null: not measured. */
          baselineCpuSeconds: amount.nullable(),
        }),
      ),
    }),
  ),
  /** Titles beyond those that are listed. */
  leftOut: count,
  /** Customers by the state of their subscription; absent where nothing is sold. */
  subscriptions: z.array(z.object({ status: z.string(), customers: count })).optional(),
});
export type OpsMoney = z.infer<typeof opsMoney>;
