// Licences and keys over the API. Only a licence ever holds a key.
import { z } from "zod";
import { idText } from "./viewer.ts";

/** W3C Encrypted Media Extensions §9.1.3. Other members are left alone; a licence to keep is not issued. */
export const clearKeyRequest = z.object({
  kids: z.array(z.string().max(64)).min(1).max(64),
  type: z.literal("temporary", { error: "only temporary licences are issued" }).optional(),
});

/** W3C Encrypted Media Extensions §9.1.4. */
export const clearKeyLicence = z.object({
  keys: z.array(z.object({ kty: z.literal("oct"), kid: z.string(), k: z.string() })),
  type: z.literal("temporary"),
});

/** Players that are not ours put it here; a header `authorization: Bearer …` does as well. */
export const licenceQuery = z.object({ token: z.string().max(2048).optional() });

export const otherSystem = z.enum(["widevine", "playready", "fairplay"]);
export type OtherSystem = z.infer<typeof otherSystem>;

const label = z.enum(["SD", "HD", "UHD1", "AUDIO"]);

/** What an operator sees of keys. */
export const titleKeys = z.object({
  titleId: idText,
  keys: z.array(
    z.object({
      label,
      kid: z.string(),
      /** The key encryption key that wraps it. */
      kekId: z.string(),
      /** null: in use, or not published yet. */
      endsAtMs: z.number().nullable(),
    }),
  ),
});
export type TitleKeys = z.infer<typeof titleKeys>;

export const keyState = z.object({
  /** What wraps new keys. */
  kekId: z.string(),
  wrappers: z.array(z.object({ kekId: z.string(), keys: z.number() })),
});
export type KeyState = z.infer<typeof keyState>;

export const rewrapped = z.object({
  kekId: z.string(),
  rewrapped: z.number(),
  /** Their key encryption key is gone, or their row is damaged. The first few. */
  unopened: z.array(z.object({ titleId: z.string(), kid: z.string(), kekId: z.string() })),
  unopenedCount: z.number(),
});
export type Rewrapped = z.infer<typeof rewrapped>;
