// What the simulator reads: network traces and films as tables of sizes, in the forms that others publish them in.
import { z } from "zod";

/** One period of constant bandwidth. A trace begins again when its last period is over. */
const period = z.object({
  duration_ms: z.number().positive(),
  bandwidth_kbps: z.number().nonnegative(),
  /** Paid once per request, before the first bit. */
  latency_ms: z.number().nonnegative(),
});

/** A trace as Sabre reads it, and our own profiles. */
export const tracePeriods = z.array(period).min(1);
export type TracePeriods = z.infer<typeof tracePeriods>;

/** One line of a file that holds many traces. */
export const namedTrace = z.object({ name: z.string().min(1), trace: tracePeriods });

/** A film as Sabre reads it. */
export const sizeTable = z.object({
  segment_duration_ms: z.number().positive(),
  bitrates_kbps: z.array(z.number().positive()).min(1).max(64),
  /** Per segment: one size per bitrate. */
  segment_sizes_bits: z.array(z.array(z.number().positive())).min(1),
});
