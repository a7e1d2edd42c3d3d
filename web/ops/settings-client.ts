// Written by `npm run generate` from the control plane's routes: change those, not this.
import type { z } from "zod";
import { postJson, type Question } from "#web/api.ts";
import { accountsPage, type roleBody } from "#wire/account.ts";
import { backupAnswer } from "#wire/backup.ts";
import { deadLetters } from "#wire/dead-letters.ts";
import { auditPage, madeToken, type newToken, tokenList } from "#wire/identity.ts";
import { opsSettings } from "#wire/settings.ts";

/** Every setting: what it does, its range and default, its value now and where that came from; secrets without value. */
export function getOpsSettings(): Question<z.infer<typeof opsSettings>> {
  return { path: "/v1/ops/settings", schema: opsSettings };
}

/** Tokens of workers and appliances, without the tokens themselves. */
export function getOpsTokens(): Question<z.infer<typeof tokenList>> {
  return { path: "/v1/ops/tokens", schema: tokenList };
}

/** Make a token for a worker or one appliance: the answer is the only time that it is seen. */
export function postOpsTokens(
  body: z.input<typeof newToken>,
  signal?: AbortSignal,
): Promise<z.infer<typeof madeToken>> {
  return postJson("/v1/ops/tokens", body, madeToken, signal);
}

/** This token opens nothing any more, from now on and for ever. */
export function postOpsTokensByIdRevoke(id: string, signal?: AbortSignal): Promise<undefined> {
  return postJson(`/v1/ops/tokens/${encodeURIComponent(id)}/revoke`, {}, undefined, signal);
}

/** Who did what, newest first; with from, oldest first from that row on. */
export function getOpsAudit(query: {
  readonly before?: string;
  readonly from?: string;
  readonly limit?: string;
}): Question<z.infer<typeof auditPage>> {
  return { path: `/v1/ops/audit?${new URLSearchParams(query)}`, schema: auditPage };
}

/** Accounts by email, a page at a time; search finds a part of the email. */
export function getAdminAccounts(query: {
  readonly search?: string;
  readonly after?: string;
}): Question<z.infer<typeof accountsPage>> {
  return { path: `/v1/admin/accounts?${new URLSearchParams(query)}`, schema: accountsPage };
}

/** Set an account's role; the last admin stays one. */
export function postAdminAccountsByIdRole(
  id: string,
  body: z.input<typeof roleBody>,
  signal?: AbortSignal,
): Promise<undefined> {
  return postJson(`/v1/admin/accounts/${encodeURIComponent(id)}/role`, body, undefined, signal);
}

/** Lock an account: its devices are signed out and its screens end at once, and nobody signs in to it. */
export function postAdminAccountsByIdLock(id: string, signal?: AbortSignal): Promise<undefined> {
  return postJson(`/v1/admin/accounts/${encodeURIComponent(id)}/lock`, {}, undefined, signal);
}

/** Let an account in again. */
export function postAdminAccountsByIdUnlock(id: string, signal?: AbortSignal): Promise<undefined> {
  return postJson(`/v1/admin/accounts/${encodeURIComponent(id)}/unlock`, {}, undefined, signal);
}

/** Copy the database into a file beside it; the embedded one answers nobody else meanwhile. */
export function postOpsBackup(signal?: AbortSignal): Promise<z.infer<typeof backupAnswer>> {
  return postJson("/v1/ops/backup", {}, backupAnswer, signal);
}

/** Records of the event log that no consumer could use, and why; newest first. */
export function getOpsDeadLetters(query: { readonly limit?: string }): Question<z.infer<typeof deadLetters>> {
  return { path: `/v1/ops/dead-letters?${new URLSearchParams(query)}`, schema: deadLetters };
}
