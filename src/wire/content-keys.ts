// The key file of `millrace encode --encrypt`: one key per label. No complaint about it repeats a value.
import { z } from "zod";

const sixteenBytes = z
  .string({ error: "wanted 32 hex digits" })
  .regex(/^[0-9a-f]{32}$/i, { error: "wanted 32 hex digits (16 bytes)" })
  .toLowerCase();

const keyLabel = z.enum(["SD", "HD", "UHD1", "AUDIO"], { error: "wanted SD, HD, UHD1 or AUDIO" });

export const contentKeys = z.object(
  {
    keys: z
      .array(
        z.object(
          {
            label: keyLabel,
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
const signal = z.object({
  uri: z.string().max(65_536),
  keyFormat: z.string().max(128),
  keyFormatVersions: z.string().max(64),
});

const signalling = z.object({
  system: z.enum(["widevine", "playready", "fairplay"]),
  pssh: z.base64().max(32_768).optional(),
  playReadyObject: z.base64().max(32_768).optional(),
  hlsMedia: signal.optional(),
  hlsMaster: signal.optional(),
});

/** A key by its names: published, and no secret. */
export const keyRef = z.object({ label: keyLabel, kid: sixteenBytes });

/** What a worker is given to encrypt one title with. */
export const packingKeys = z.object({
  keys: z
    .array(keyRef.extend({ key: sixteenBytes, signalling: z.array(signalling).max(3).optional() }))
    .max(4),
});
export type PackingKeys = z.infer<typeof packingKeys>;
export type ContentKeys = z.infer<typeof contentKeys>;
