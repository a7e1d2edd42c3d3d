// Subtitles of a title that is published, as operators see and change them.
import { z } from "zod";
import { subtitleChoice } from "./catalog.ts";

/** A track's name in the title's folder: "subtitles-de", "subtitles-de-1a2b3c4d". */
export const trackId = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);

export const subtitleTracks = z.object({
  titleId: z.string(),
  /** In the manifests' order. */
  tracks: z.array(subtitleChoice.extend({ id: trackId })),
});
export type SubtitleTracks = z.infer<typeof subtitleTracks>;

/** What a file is put in as. */
export const subtitleWish = z.object({
  /** BCP 47, or ISO 639 in three letters. */
  language: z.string().trim().min(2).max(35),
  /** What viewers choose by; empty: the language's own name. */
  name: z.string().trim().max(64).default(""),
  /** Shown unasked, to whoever hears the language. */
  forced: z.enum(["true", "false"]).default("false"),
  /** The track in whose place it comes; absent: beside the others. */
  replaces: trackId.optional(),
});
export type SubtitleWish = z.infer<typeof subtitleWish>;
