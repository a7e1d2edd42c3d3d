// Written by `npm run generate` from the control plane's routes: change those, not this.
import type { z } from "zod";
import { postOnce, type Question } from "#web/api.ts";
import { accountsPage } from "#wire/account.ts";
import {
  adminInvoices,
  type creditBody,
  credited,
  type refundBody,
  subscription,
  trialBalance,
} from "#wire/billing.ts";
import { opsMoney } from "#wire/money.ts";

/** What sites sent and hold, what titles cost to encode and save at each play, and customers by state. */
export function getOpsMoney(query: { readonly hours?: string }): Question<z.infer<typeof opsMoney>> {
  return { path: `/v1/ops/money?${new URLSearchParams(query)}`, schema: opsMoney };
}

/** Each ledger account's balance by currency; the sums are zero. */
export function getAdminTrialBalance(): Question<z.infer<typeof trialBalance>> {
  return { path: "/v1/admin/trial-balance", schema: trialBalance };
}

/** The books as CSV. */
export const getAdminLedgerCsvPath = "/v1/admin/ledger.csv";

/** Give back what was paid on an invoice, or a part of it. Wants an Idempotency-Key. Errors: too-much. */
export function postAdminRefunds(
  body: z.input<typeof refundBody>,
  key: string,
  signal?: AbortSignal,
): Promise<z.infer<typeof subscription>> {
  return postOnce("/v1/admin/refunds", body, subscription, key, signal);
}

/** Give credit towards the next invoices. Wants an Idempotency-Key. */
export function postAdminCredits(
  body: z.input<typeof creditBody>,
  key: string,
  signal?: AbortSignal,
): Promise<z.infer<typeof credited>> {
  return postOnce("/v1/admin/credits", body, credited, key, signal);
}

/** Accounts by email, a page at a time; search finds a part of the email. */
export function getAdminAccounts(query: {
  readonly search?: string;
  readonly after?: string;
}): Question<z.infer<typeof accountsPage>> {
  return { path: `/v1/admin/accounts?${new URLSearchParams(query)}`, schema: accountsPage };
}

/** An account's newest invoices, with what can be given back of each. */
export function getAdminAccountsByIdInvoices(id: string): Question<z.infer<typeof adminInvoices>> {
  return { path: `/v1/admin/accounts/${encodeURIComponent(id)}/invoices`, schema: adminInvoices };
}
