// Where bytes came from, and what kept the best-placed appliances from serving them: GET /v1/ops/misses.
import { z } from "zod";
import { moment } from "./quality.ts";

export const missQuery = z.object({ from: moment.optional(), to: moment.optional() });
export type MissQuery = z.infer<typeof missQuery>;

const bytes = z.number().int();
/** Of all misses, in hundredths of a percent: over the classes exactly 10 000, or 0 without a miss. */
const share = z.number().int().min(0).max(10_000);

export const missFigures = z.object({
  all: bytes,
  offloaded: bytes,
  /** offloaded / all; null when nothing was served. */
  offload: z.number().nullable(),
  best: bytes,
  /** Misses / joined bytes; null when nothing was joined. */
  missRatio: z.number().nullable(),
  misses: z.object({
    content: z.object({ bytes, share }),
    /** Nobody in the best tier was well, or had room. */
    health: z.object({ bytes, share, forWantOfRoom: bytes }),
    other: z.object({ bytes, share }),
  }),
  unjoined: bytes,
});
export type MissFiguresOnWire = z.infer<typeof missFigures>;

export const opsMisses = z.object({
  fromMs: z.number().int(),
  untilMs: z.number().int(),
  stepMs: z.number().int(),
  whole: missFigures,
  /** Those that were sent the most first. */
  sites: z.array(
    z.object({
      site: z.string(),
      whole: missFigures,
      /** Minutes in which something was served, oldest first. */
      windows: z.array(missFigures.extend({ startMs: z.number().int() })),
    }),
  ),
  /** Sites beyond those that are listed; the whole has them in. */
  leftOut: z.number().int(),
  /** Minutes before this one are whole, but for what still comes late; null before the first. */
  completeUntilMs: z.number().int().nullable(),
});
export type OpsMisses = z.infer<typeof opsMisses>;
