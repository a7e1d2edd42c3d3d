// How long whoever asks waits for the answer, said in a header. As in draft-thomson-hybi-http-timeout, but with parts of a
// second: a Decimal of RFC 9651 §3.3.2.
import { z } from "zod";

export const deadlineHeader = "request-timeout";

/** A longer time than the server has changes nothing; the pattern bounds the text alone. */
export const deadlineHeaders = z.object({
  [deadlineHeader]: z
    .string()
    .max(16)
    .regex(/^(?=.*[1-9])[0-9]{1,12}(\.[0-9]{1,3})?$/, {
      error: "wanted seconds above 0 with at most three decimals, as in 2.5",
    })
    .optional(),
});
export type DeadlineHeaders = z.infer<typeof deadlineHeaders>;

/** The header's value. */
export function deadlineText(ms: number): string {
  return (Math.max(1, Math.round(ms)) / 1000).toFixed(3);
}
