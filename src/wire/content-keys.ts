// The key file of `millrace encode --encrypt`: one key per label. No complaint about it repeats a value.
import { z } from "zod";

const sixteenBytes = z
  .string({ error: "wanted 32 hex digits" })
  .regex(/^[0-9a-f]{32}$/i, { error: "wanted 32 hex digits (16 bytes)" })
  .toLowerCase();

export const contentKeys = z.object(
  {
    keys: z
      .array(
        z.object(
          {
            label: z.enum(["SD", "HD", "UHD1", "AUDIO"], { error: "wanted SD, HD, UHD1 or AUDIO" }),
            kid: sixteenBytes,
            key: sixteenBytes,
          },
          { error: "wanted {label, kid, key}" },
        ),
        { error: "wanted a list of {label, kid, key}" },
      )
      .max(64, { error: "wanted 64 keys at most" }),
  },
  { error: "wanted {keys: […]}" },
);
export type ContentKeys = z.infer<typeof contentKeys>;
