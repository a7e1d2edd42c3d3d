// What a check of a site came to, as it is kept, reported and shown; and the numbers that an operator may name for it.
import { z } from "zod";
import { checkProfiles, checkVerdicts } from "#model/site-check.ts";

export const mostFailures = 20;

export const checkOutcome = z.object({
  atMs: z.number().int().min(0),
  profile: z.enum(checkProfiles),
  /** Requirements whose number is not the profile's own. */
  altered: z.array(z.string().max(40)).max(20),
  /** Of what is required. */
  counts: z.object({
    holds: z.number().int().min(0),
    doesNotHold: z.number().int().min(0),
    cannotBeTold: z.number().int().min(0),
    notAsked: z.number().int().min(0),
  }),
  /** What is required and does not hold or cannot be told, the first few. */
  failures: z
    .array(
      z.object({
        what: z.string().max(120),
        verdict: z.enum(checkVerdicts),
        found: z.string().max(600),
        wanted: z.string().max(600),
        mend: z.string().max(600),
      }),
    )
    .max(mostFailures),
});
export type CheckOutcome = z.infer<typeof checkOutcome>;

const rate = z.number().min(0).max(1e15);

/** `--requirements FILE`: numbers that replace the profile's. */
export const requirementsFile = z.strictObject({
  lagPorts: z.number().int().min(1).max(64).optional(),
  portBps: rate.optional(),
  lowestDbm: z.number().min(-60).max(30).optional(),
  highestDbm: z.number().min(-60).max(30).optional(),
  ipv4PrefixLength: z.number().int().min(0).max(32).optional(),
  ipv6PrefixLength: z.number().int().min(0).max(128).optional(),
  inboundBps: rate.optional(),
  clockOffsetMs: z.number().min(0).max(1e9).optional(),
  diskBytes: z.number().min(0).max(1e18).optional(),
  diskFreePercent: z.number().min(0).max(100).optional(),
  diskReadBps: rate.optional(),
  openFiles: z.number().int().min(0).max(1e9).optional(),
});
