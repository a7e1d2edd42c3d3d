// What operators ask of sessions: which of them, and how one of them went, as its player told.
import { z } from "zod";
import { opsSession } from "./ops.ts";
import { beacon, idText } from "./viewer.ts";

const wish = z.string().min(1).max(128).optional();

/** All that is given must hold. */
export const opsSessionsQuery = z.object({
  title: idText.optional(),
  /** "AS64500". */
  network: wish,
  device: wish,
  /** Of the latest beacon. */
  appliance: wish,
  state: beacon.shape.state.optional(),
  limit: z.coerce.number().int().min(1).max(1000).optional(),
});
export type OpsSessionsQuery = z.infer<typeof opsSessionsQuery>;

/** What one beacon said, and when it was made by the control plane's clock. */
const moment = beacon.omit({ sessionId: true, madeMs: true, durationMs: true }).extend({ atMs: z.number() });

export const opsTimeline = z.object({
  /** This moment by the control plane's clock. */
  atMs: z.number(),
  session: opsSession,
  durationMs: z.number(),
  /** By number. */
  beacons: z.array(moment),
  /** Of the middle of a session that said more than is told. */
  leftOut: z.number().int(),
  stalls: z.array(
    z.object({
      fromMs: z.number(),
      /** Null: nothing was heard since. */
      untilMs: z.number().nullable(),
      applianceId: z.string(),
      /**
       * `slow`: the throughput was below the bitrate when it began; `source`: another appliance served after it than before; `unknown`:
       * neither.
       */
      cause: z.enum(["slow", "source", "unknown"]),
    }),
  ),
  /** Of the middle, as of beacons. */
  stallsLeftOut: z.number().int(),
  /** Beacons that were never read, by number: nothing is known of that time. */
  gaps: z.array(z.object({ afterSeq: z.number().int(), beforeSeq: z.number().int() })),
  gapsLeftOut: z.number().int(),
  /** `whole`: from the session's start on; `begins-later`: the log no longer goes so far back; `too-many`: not read to its end. */
  log: z.object({ records: z.number().int(), read: z.enum(["whole", "begins-later", "too-many"]) }),
});
export type OpsTimeline = z.infer<typeof opsTimeline>;
