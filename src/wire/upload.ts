// Files on their way in and masters, as operators see them.
import { z } from "zod";
import { priority } from "./jobs.ts";

const text = z.string();
const count = z.number().int().min(0);

export const arrivalBody = z.object({
  id: text,
  kind: z.enum(["upload", "import"]),
  fileName: text,
  titleName: text,
  /** Of the whole file; 0 while an import does not know it yet. */
  bytes: count,
  receivedBytes: count,
  state: z.enum(["receiving", "checking", "accepted", "refused"]),
  /** Why, when it was refused. */
  refusal: z.object({ code: text, sentence: text }).optional(),
  masterId: text.optional(),
  /** Where an import comes from, without what stands behind a question mark. */
  url: text.optional(),
  createdAtMs: count,
  touchedAtMs: count,
});
export type ArrivalBody = z.infer<typeof arrivalBody>;

export const arrivalList = z.object({ arrivals: z.array(arrivalBody) });

export const importOrder = z.object({
  url: text.min(1).max(2048),
  /** Lowercase or uppercase hex. */
  sha256: text.max(64).optional(),
  /** Of the title; absent: the file's. */
  name: text.max(200).optional(),
});

export const masterBody = z.object({
  id: text,
  sha256: text,
  bytes: count,
  fileName: text,
  titleName: text,
  facts: z.object({
    width: count,
    height: count,
    frames: count,
    frameRate: z.object({ num: count, den: count }),
    durationMs: count,
    sounds: count,
    subtitles: count,
    mended: z.array(text),
    leftOut: z.array(text),
  }),
  /** The order to make a title of it, if there is one. */
  publication: z.object({ titleName: text, encrypt: z.boolean(), askedAtMs: count }).optional(),
  createdAtMs: count,
});
export type MasterBody = z.infer<typeof masterBody>;

export const masterList = z.object({ masters: z.array(masterBody) });

export const publishOrder = z.object({
  /** Of the title; absent: the master's. */
  name: text.min(1).max(200).optional(),
  /** The title is encrypted, with keys that the control plane keeps. It is another title than the clear one. */
  encrypt: z.boolean().default(false),
  /** Of its encode jobs, 9 first. An order that has to wait for workers' jobs begins with the usual one. */
  priority: priority.optional(),
});

export const publishAnswer = z.object({
  masterId: text,
  titleName: text,
  /** False also where a control plane does not know of it. */
  encrypt: z.boolean().default(false),
  /** "waiting" until workers take it up; other words are theirs. */
  state: text,
});
export type PublishAnswer = z.infer<typeof publishAnswer>;
