// Records of the event log that no consumer could use, as an operator reads them: GET /v1/ops/dead-letters
import { z } from "zod";

export const deadLettersQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe("So many at most"),
});

export const deadLetters = z.object({
  letters: z.array(
    z.object({
      atMs: z.number(),
      /** Who gave it up: a consumer, or the shipper. */
      consumer: z.string(),
      partition: z.number().int(),
      offset: z.number().int(),
      because: z.string(),
      /** Of the whole record. */
      bytes: z.number().int(),
      /** Its beginning, in base64. */
      value: z.string(),
    }),
  ),
});
export type DeadLettersAnswer = z.infer<typeof deadLetters>;
