// The catalogue as operators see it: every published title and every work, whether a viewer may see it now, and what is known of one.
import { z } from "zod";
import { givenWork, soundChoice, subtitleChoice } from "./catalog.ts";
import { picture } from "./picture.ts";
import { idText } from "./viewer.ts";

/** "withheld": an operator denied it. "announced": a work that no title plays yet. */
export const shelfState = z.enum(["published", "withheld", "announced"]);

/** Whether somebody of full age here could watch it now, and if not, what keeps it. */
export const shelfAccess = z.enum(["open", "not-here", "not-now"]);

export const shelfQuery = z.object({
  q: z.string().trim().max(200).default(""),
  state: shelfState.optional(),
  /** The `next` of the page before: when its last row was published, and that row's id. */
  after: z
    .string()
    .regex(/^(?:\d{0,16}:[A-Za-z0-9._-]{1,64})?$/)
    .default(""),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

const shelfRow = z.object({
  /** Of the page: the title's id, of a work without one its own. */
  id: idText,
  name: z.string(),
  /** null: no work describes the title. */
  kind: z.enum(["film", "series", "episode"]).nullable(),
  workId: idText.nullable(),
  state: shelfState,
  access: shelfAccess,
  /** Rights windows that count for it; 0: everywhere, always. */
  windows: z.number().int(),
  /** Years; null: nobody rated it. */
  age: z.number().int().nullable(),
  durationMs: z.number().int().nullable(),
  bytes: z.number().nullable(),
  height: z.number().int().nullable(),
  encrypted: z.boolean(),
  publishedAtMs: z.number().nullable(),
});
export type ShelfRow = z.infer<typeof shelfRow>;

export const opsShelf = z.object({
  /** Of the whole catalogue, whatever was asked for. */
  counts: z.object({
    published: z.number().int(),
    withheld: z.number().int(),
    announced: z.number().int(),
  }),
  /** That fit the question. */
  found: z.number().int(),
  rows: z.array(shelfRow),
  /** For `after`; null: these are the last. */
  next: z.string().nullable(),
});
export type OpsShelf = z.infer<typeof opsShelf>;

export const opsShelfTitle = z.object({
  row: shelfRow,
  /** When an open window closes; null: never, or none is open. */
  untilMs: z.number().nullable(),
  /** MILLRACE_TERRITORY; "" when none is set. */
  territory: z.string(),
  /** What an unrated title counts as, in years. */
  unratedAge: z.number().int(),
  renditions: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(["video", "audio", "index"]),
      codecs: z.string(),
      width: z.number().int(),
      height: z.number().int(),
      bitrateBps: z.number(),
      bytes: z.number(),
    }),
  ),
  audio: z.array(soundChoice),
  subtitles: z.array(subtitleChoice),
  /** In the form of an import; null: the catalogue does not describe it. */
  work: givenWork.nullable(),
  pictures: z.array(picture),
  /** Plans on offer, and whether they reach the title's top rung. Empty where nothing is sold. */
  plans: z.array(
    z.object({ planId: z.string(), name: z.string(), maxHeight: z.number().int(), isWhole: z.boolean() }),
  ),
});
export type OpsShelfTitle = z.infer<typeof opsShelfTitle>;
