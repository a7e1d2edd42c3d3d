// The catalogue as it crosses a border: works in an import, pages of the catalogue, what a search answers.
import { z } from "zod";
import { jobs } from "#model/work.ts";
import { picture } from "./picture.ts";
import { idText, resumePoint, titleCard } from "./viewer.ts";

/** BCP 47. Source: RFC 5646 §2.1; a tag's subtags are not looked up. */
export const languageTag = z.string().regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,7}$/);
export const territoryCode = z.string().regex(/^[A-Z]{2}$/);
const shortText = z.string().trim().min(1).max(300);
const moment = z.number().int().min(-8.64e15).max(8.64e15);

const localized = (most: number) =>
  z
    .record(languageTag, z.string().trim().min(1).max(most))
    .refine((texts) => Object.keys(texts).length <= 60, {
      error: "more than 60 languages",
    });

export const credit = z.strictObject({
  name: shortText,
  job: z.enum(jobs),
  role: shortText.nullable().default(null),
});

export const rightsWindow = z
  .strictObject({
    territories: z.array(territoryCode).max(260).default([]),
    fromMs: moment.nullable().default(null),
    untilMs: moment.nullable().default(null),
  })
  .refine(({ fromMs, untilMs }) => fromMs === null || untilMs === null || fromMs < untilMs, {
    error: "a window ends after it begins",
  });

const facts = {
  id: idText,
  language: languageTag.default("en"),
  names: localized(300).refine((names) => Object.keys(names).length > 0, { error: "at least one name" }),
  synopses: localized(5000).default({}),
  year: z.number().int().min(1870).max(2200).nullable().default(null),
  genres: z.array(shortText).max(20).default([]),
  credits: z.array(credit).max(500).default([]),
  age: z.number().int().min(0).max(21).nullable().default(null),
  ratings: z.array(shortText).max(20).default([]),
  windows: z.array(rightsWindow).max(100).default([]),
};
const playable = idText.nullable().default(null);
const place = z.number().int().min(0).max(100_000);

/** A work as an operator gives it: pictures are sent on their own, and stay as they are. */
export const givenWork = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("film"), ...facts, titleId: playable }),
  z.strictObject({
    kind: z.literal("series"),
    ...facts,
    seasons: z
      .array(z.strictObject({ number: place, names: localized(300) }))
      .max(500)
      .default([]),
  }),
  z.strictObject({
    kind: z.literal("episode"),
    ...facts,
    seriesId: idText,
    season: place,
    number: place,
    titleId: playable,
  }),
]);
export type GivenWork = z.infer<typeof givenWork>;

/** Each work is checked on its own, so that each is complained about on its own. */
export const worksFile = z.strictObject({ works: z.array(z.unknown()).max(1_000_000) });

export const importComplaint = z.object({
  /** Of a CSV file the line, from 1; of a JSON file the place in `works`, from 1. */
  line: z.number().int(),
  id: z.string(),
  field: z.string(),
  because: z.string(),
});
export type ImportComplaint = z.infer<typeof importComplaint>;

export const importAnswer = z.object({
  kind: z.enum(["imported", "checked", "refused"]),
  /** The catalogue's version afterwards. */
  version: z.number().int(),
  works: z.number().int(),
  added: z.number().int(),
  changed: z.number().int(),
  unchanged: z.number().int(),
  removed: z.number().int(),
  /** The first hundred. */
  complaints: z.array(importComplaint),
  /** All of them. */
  complaintsFound: z.number().int(),
});
export type ImportAnswer = z.infer<typeof importAnswer>;

/** A work in a list. */
export const workCard = z.object({
  id: idText,
  kind: z.enum(["film", "series", "episode"]),
  /** In the viewer's language, or the nearest there is. */
  name: z.string(),
  originalName: z.string(),
  year: z.number().int().nullable(),
  genres: z.array(z.string()),
  /** Years; null: nobody rated it. */
  maturity: z.number().int().nullable(),
  /** What plays it, of a series its first episode; null: nothing does yet. */
  titleId: idText.nullable(),
  pictures: z.array(picture),
});
export type WorkCard = z.infer<typeof workCard>;

export const catalogPage = z.object({
  /** Ask for the next page of the same version with it, or later for nothing older. */
  version: z.number().int(),
  works: z.array(workCard),
  /** Ask for the next page with `after` set to it; null: this was the last. */
  next: z.string().nullable(),
});

export const searchAnswer = z.object({
  query: z.string(),
  hits: z.array(
    workCard.extend({
      match: z.object({
        field: z.enum(["name", "original-name", "person", "genre", "episode"]),
        /** The text that answered, as it is written. */
        text: z.string(),
        tier: z.enum(["same-name", "name-begins", "words", "mended"]),
        /** Letters that were mended. */
        mistakes: z.number().int(),
      }),
    }),
  ),
  /** The index did not take part (the database is away, or the index is being made): typing errors are not mended. */
  degraded: z.boolean(),
});
export type SearchAnswer = z.infer<typeof searchAnswer>;

export const catalogVersions = z.object({
  versions: z.array(
    z.object({
      version: z.number().int(),
      createdAtMs: z.number(),
      works: z.number().int(),
      note: z.string(),
    }),
  ),
});

export const rollbackOrder = z.object({ version: z.number().int().min(0) });
export const rolledBack = z.object({ version: z.number().int() });

export const soundChoice = z.object({ language: z.string(), name: z.string() });
export const subtitleChoice = z.object({ language: z.string(), name: z.string(), isForced: z.boolean() });

/** What the catalogue says of a title; nothing of it is there for a title that it does not describe. */
export const workPage = z.object({
  id: idText,
  kind: z.enum(["film", "series", "episode"]),
  originalName: z.string(),
  year: z.number().int().nullable(),
  synopsis: z.string(),
  genres: z.array(z.string()),
  people: z.array(z.object({ name: z.string(), job: z.enum(jobs), role: z.string().nullable() })),
  maturity: z.number().int().nullable(),
  ratings: z.array(z.string()),
  pictures: z.array(picture),
  /** Milliseconds since 1970 at which it goes; null: it stays. */
  untilMs: z.number().nullable(),
  /** Of an episode or a series. */
  series: z
    .object({
      id: idText,
      name: z.string(),
      seasons: z.array(
        z.object({
          number: z.number().int(),
          name: z.string(),
          episodes: z.array(
            z.object({
              id: idText,
              titleId: idText,
              number: z.number().int(),
              name: z.string(),
              synopsis: z.string(),
              durationMs: z.number().int(),
              /** Where this profile left it; absent: not begun, watched to its end, or not known just now. */
              resume: resumePoint.optional(),
            }),
          ),
        }),
      ),
    })
    .nullable(),
  /** Of an episode: where it stands, and what comes after. */
  season: z.number().int().nullable(),
  episode: z.number().int().nullable(),
  next: z
    .object({ titleId: idText, name: z.string(), season: z.number().int(), episode: z.number().int() })
    .nullable(),
});
export type WorkPage = z.infer<typeof workPage>;

/** A title's page: its card, what can be heard and read, and what the catalogue says of it. */
export const titlePage = titleCard.extend({
  /** The first plays unless another is chosen. */
  audio: z.array(soundChoice),
  subtitles: z.array(subtitleChoice),
  /** Null: the catalogue does not describe it. */
  work: workPage.nullable(),
});
export type TitlePage = z.infer<typeof titlePage>;
