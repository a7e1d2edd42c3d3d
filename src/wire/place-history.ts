// Input of `millrace place predict`: what was played, by day, region and title, and the calendar.
import { z } from "zod";
import { idText } from "./viewer.ts";

const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, "wanted a date such as 2026-12-24");

/** By region: one count per day of the history, oldest first; null is a day that was not counted. */
const rows = z.record(z.string(), z.array(z.number().nullable()).max(3660));

const file = z.object({
  /** "title/rendition". */
  id: z.string().min(1),
  sizeBytes: z.number().min(0),
  /** Part of the title's plays that is assumed to read it: 1 when absent. */
  share: z.number().min(0).max(10).optional(),
  /** Its own plays (bytes sent ÷ bytes stored), or the bytes it sent. */
  plays: rows.optional(),
  sentBytes: rows.optional(),
});

const title = z.object({
  id: idText,
  kind: z.string().min(1).optional(),
  marketing: z.number().min(0).max(1000).optional(),
  tags: z.array(z.string().min(1)).max(64).optional(),
  availableFrom: date.optional(),
  /** Absent: made of its files' counts. */
  plays: rows.optional(),
  files: z.array(file).min(1),
});

const event = z.object({
  /** Titles with this tag are lifted; all when absent. */
  tag: z.string().min(1).optional(),
  /** Both included, in each region's own calendar. */
  from: date,
  to: date,
  regions: z.array(idText).min(1).optional(),
  factor: z.number().min(0.1).max(10),
});

export const placeHistory = z.object({
  /** The day that every row begins with. */
  firstDay: date,
  regions: z
    .array(
      z.object({
        id: idText,
        siteIds: z.array(idText).default([]),
        weight: z.number().min(0).max(1000).default(1),
      }),
    )
    .min(1),
  titles: z.array(title).min(1),
  events: z.array(event).max(10_000).default([]),
  /** Plays on the first day by kind of title, for one nobody has counted yet. */
  launchPlays: z.record(z.string(), z.number().min(0).max(1e9)).default({}),
});
export type PlaceHistory = z.infer<typeof placeHistory>;
