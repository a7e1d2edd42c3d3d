// Sign-in by others, tokens of programs, and the audit log, on the wire.
import { z } from "zod";
import { idText } from "./viewer.ts";

export const signInMethods = z.object({
  password: z.literal(true),
  /** Absent: nobody else may be signed in with. */
  oidc: z.object({ name: z.string(), path: z.string() }).optional(),
  /** Who may make an account; absent: nobody. */
  signUp: z.enum(["invitation", "open"]).optional(),
});
export type SignInMethods = z.infer<typeof signInMethods>;

export const oidcQuery = z.object({ next: z.string().max(2048).optional() });

const providerText = z.string().max(4096).optional();

/** What the provider sends a browser back with. Each once: a repeated one is refused. Source: RFC 6749 §4.1.2, RFC 9207. */
export const oidcAnswer = z.looseObject({
  code: providerText,
  state: providerText,
  iss: providerText,
  error: providerText,
  error_description: providerText,
});

const tokenName = z.string().trim().min(1).max(80);
const tokenDays = z.number().min(0.001).max(3650).optional();

export const newToken = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("worker"), name: tokenName, days: tokenDays }),
  z.object({ kind: z.literal("appliance"), name: tokenName, days: tokenDays, applianceId: idText }),
]);
export type NewToken = z.infer<typeof newToken>;

export const tokenRow = z.object({
  id: z.string(),
  kind: z.enum(["worker", "appliance"]),
  name: z.string(),
  applianceId: z.string().optional(),
  createdAtMs: z.number().int(),
  expiresAtMs: z.number().int().optional(),
  /** To the hour; absent: never. */
  lastUsedAtMs: z.number().int().optional(),
});
export type TokenRow = z.infer<typeof tokenRow>;

/** The only time that the token itself is seen. */
export const madeToken = tokenRow.extend({ token: z.string() });
export type MadeToken = z.infer<typeof madeToken>;
export const tokenList = z.object({ tokens: z.array(tokenRow) });

export const mostAuditRows = 1000;

export const auditQuery = z.object({
  /** Newest first, from before this row; both absent: from the end. */
  before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  /** Oldest first, from this row on. */
  from: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  limit: z.coerce.number().int().min(1).max(mostAuditRows).default(100),
});

const auditRow = z.object({
  ...{ seq: z.number().int(), prior: z.string(), hash: z.string(), atMs: z.number().int() },
  ...{ actor: z.string(), action: z.string(), object: z.string(), outcome: z.string() },
  ...{ address: z.string(), requestId: z.string() },
});

export const auditPage = z.object({
  head: z.object({
    ...{ seq: z.number().int(), hash: z.string() },
    ...{ firstSeq: z.number().int(), firstPrior: z.string() },
  }),
  rows: z.array(auditRow),
});
export type AuditPage = z.infer<typeof auditPage>;
