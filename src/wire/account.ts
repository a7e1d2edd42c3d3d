// What the account pages, apps and admins say to the control plane.
import { z } from "zod";
import { me } from "./viewer.ts";

const email = z.email().max(254);
const password = z.string().max(256);
/** 256 bits as base64url. */
const token = z.string().min(20).max(100);
const pin = z.string().regex(/^\d{4,8}$/);

/** For apps and televisions, which keep no cookies. */
export const deviceTokens = z.object({
  /** Behind "Bearer" in the header authorization. */
  accessToken: z.string(),
  accessEndsAtMs: z.number().int(),
  /** For POST /v1/refresh, once: it brings the next one. Presented twice, it signs the device out. */
  refreshToken: z.string(),
  /** The sign-in's own end: nothing moves it. */
  endsAtMs: z.number().int(),
});

export const signedIn = me.extend({ tokens: deviceTokens.optional() });
export type SignedInAnswer = z.infer<typeof signedIn>;

export const refreshBody = z.object({ refreshToken: z.string().max(400).optional() }).nullish();

export const signUpBody = z.object({
  email,
  password,
  profileName: z.string().max(200).optional(),
  language: z.string().max(60).optional(),
  /** Where signing up needs one. */
  invitation: z.string().max(100).optional(),
});

export const confirmSignUpBody = z.object({ token, password, tokens: z.enum(["cookie", "body"]).optional() });

export const resetAskBody = z.object({ email });
export const resetBody = z.object({ token, password });
export const changePasswordBody = z.object({ password, newPassword: password });
export const changeEmailBody = z.object({ password, email });
export const confirmEmailBody = z.object({ token });
export const eraseBody = z.object({ password });

export const devices = z.object({
  devices: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      openedAtMs: z.number().int(),
      seenAtMs: z.number().int(),
      endsAtMs: z.number().int(),
      /** The one that asks. */
      current: z.boolean(),
    }),
  ),
});

export const endDevicesBody = z.object({ keepThis: z.boolean() });

export const profile = z.object({
  id: z.string(),
  name: z.string(),
  main: z.boolean(),
  maturity: z.number().int(),
  language: z.string(),
  hasPin: z.boolean(),
  /** On the device that asks. */
  inUse: z.boolean(),
});
export type ProfileAnswer = z.infer<typeof profile>;

export const profiles = z.object({ profiles: z.array(profile), most: z.number().int() });

const maturity = z.number().int().min(0).max(18);
const name = z.string().max(200);
const language = z.string().max(60);

/** `pin` is that of the profile in use, where that one is a child's. `newPin`: of the profile made or changed; null takes it away. */
export const createProfileBody = z.object({
  name,
  maturity: maturity.optional(),
  language: language.optional(),
  newPin: pin.optional(),
  pin: pin.optional(),
});

export const changeProfileBody = z.object({
  name: name.optional(),
  maturity: maturity.optional(),
  language: language.optional(),
  newPin: pin.nullable().optional(),
  pin: pin.optional(),
});

export const pinBody = z.object({ pin: pin.optional() }).nullish();

const role = z.enum(["viewer", "operator", "admin"]);

export const accountsPage = z.object({
  accounts: z.array(
    z.object({
      id: z.string(),
      email: z.string(),
      role,
      standing: z.enum(["good", "none", "suspended"]),
      locked: z.boolean(),
    }),
  ),
  /** For `after`: more follow. null: these are the last. */
  next: z.string().nullable(),
});

export const accountsQuery = z.object({
  search: z.string().max(254).default(""),
  after: z.string().max(254).default(""),
});

export const roleBody = z.object({ role });

export const invitation = z.object({ id: z.string(), note: z.string(), endsAtMs: z.number().int() });
export const invitations = z.object({ invitations: z.array(invitation) });
export const inviteBody = z.object({ note: z.string().max(200).default("") });
/** The code is told this once. */
export const madeInvitation = invitation.extend({ code: z.string() });
