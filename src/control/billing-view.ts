// A customer's file, as the customer sees it; receipts; and the books as text.
import { ledgerAccounts } from "#account/ledger-posting.ts";
import { isGivenBack, isSettled } from "#account/subscription-state.ts";
import { refundableOf } from "#account/subscription-wish.ts";
import type { CustomerFile, LedgerRow, StoredInvoice } from "#data/ports-billing.ts";
import type { Invoice } from "#model/billing.ts";
import { escaped } from "#units/escaped.ts";
import type { AdminInvoice, InvoiceView, SubscriptionView } from "#wire/billing.ts";

export function subscriptionView(file: CustomerFile | undefined): SubscriptionView {
  const state = file?.subscription;
  const charge = file?.tasks.find(({ kind }) => kind === "charge");
  return {
    status: state?.status ?? "none",
    terms: state?.terms ?? null,
    next: state?.next ?? null,
    startMs: state?.startMs ?? null,
    endMs: state?.endMs ?? null,
    cancelsAtEnd: state?.cancelsAtEnd ?? false,
    hasMethod: file?.customer.methodRef !== undefined,
    creditMinor: file?.creditMinor[state?.terms.currency ?? ""] ?? 0,
    payment:
      charge === undefined
        ? null
        : {
            amountMinor: charge.amountMinor,
            currency: charge.currency,
            actionUrl: charge.actionUrl ?? null,
            reason: charge.reason ?? null,
          },
  };
}

export function invoiceView({ key, value }: StoredInvoice): InvoiceView {
  return {
    id: key,
    purpose: value.purpose,
    planName: value.terms.name,
    startMs: value.startMs,
    endMs: value.endMs,
    issuedAtMs: value.issuedAtMs,
    currency: value.terms.currency,
    grossMinor: value.grossMinor,
    taxMinor: value.taxMinor,
    creditMinor: value.creditMinor,
    refundedMinor: value.attempts.reduce((sum, { charge }) => sum + charge.refundedMinor, 0),
    status: statusOf(value),
  };
}

export function adminInvoiceView(stored: StoredInvoice): AdminInvoice {
  return { ...invoiceView(stored), refundableMinor: refundableOf(stored.value) };
}

function statusOf(invoice: Invoice): InvoiceView["status"] {
  if (invoice.isVoid) return "void";
  if (invoice.attempts.some(({ charge }) => charge.dispute === "open" || charge.dispute === "lost"))
    return "disputed";
  if (isGivenBack(invoice)) return "refunded";
  return isSettled(invoice) ? "paid" : "open";
}

/** A receipt that prints: no script, nothing from elsewhere. */
export function receiptPage(view: InvoiceView): string {
  const money = (minor: number): string => escaped(moneyText(minor, view.currency));
  const day = (ms: number): string =>
    new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(ms);
  const rows = [
    ["Plan", escaped(view.planName)],
    ["For", `${day(view.startMs)} to ${day(view.endMs)} (UTC)`],
    ["Issued", day(view.issuedAtMs)],
    ["Price, tax included", money(view.grossMinor)],
    ["Tax", money(view.taxMinor)],
    ["Paid from credit", money(view.creditMinor)],
    ["Given back", money(view.refundedMinor)],
    ["State", view.status],
  ].map(([name, value]) => `<tr><th scope="row">${name}</th><td>${value}</td></tr>`);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Invoice ${escaped(view.id)}</title><h1>Invoice ${escaped(view.id)}</h1><table>${rows.join("")}</table></html>\n`;
}

/** "€4.99": by the currency's own number of digits. */
export function moneyText(minor: number, currency: string): string {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(minor / 10 ** digits);
}

export const ledgerHeader = `customer,number,at,reason,currency,account,debit,credit\r\n`;

/** A line per account that a transaction touches. Source: RFC 4180. */
export function ledgerLines(rows: readonly LedgerRow[]): string {
  return rows
    .flatMap((row) =>
      ledgerAccounts
        .filter((account) => row.amounts[account] !== 0)
        .map((account) => {
          const amount = row.amounts[account];
          const sides = amount > 0 ? [amount, ""] : ["", -amount];
          const cells = [row.customerId, row.number, row.atMs, row.reason, row.currency, account, ...sides];
          return `${cells.map((cell) => csvCell(String(cell))).join(",")}\r\n`;
        }),
    )
    .join("");
}

/** A cell that a spreadsheet would take for a formula begins with an apostrophe. */
function csvCell(text: string): string {
  const safe = /^[=+@\t\r-]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
