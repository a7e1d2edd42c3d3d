// Double entry. What an invoice means for the books is a function of the invoice; what is posted is the difference between
// what it meant before and what it means now. So the books are right whatever order things came to be known in, and
// nothing is posted twice: a difference of nothing is no posting.
//
// Source of the accounts: task of this domain; deferral of what is invoiced in advance as in IFRS 15 §106.
import type { Attempt, Invoice, LedgerAmounts, Posting } from "#model/billing.ts";
import { assert } from "#units/assert.ts";
import { share } from "./proration-share.ts";

export const ledgerAccounts = [
  "receivable",
  "cash",
  "revenue",
  "deferred",
  "tax",
  "refunds",
  "credits",
] as const satisfies readonly (keyof LedgerAmounts)[];

export const noAmounts: LedgerAmounts = {
  receivable: 0,
  cash: 0,
  revenue: 0,
  deferred: 0,
  tax: 0,
  refunds: 0,
  credits: 0,
};

/** What is left to pay after credit. */
export function dueOf(invoice: Pick<Invoice, "grossMinor" | "creditMinor">): number {
  return invoice.grossMinor - invoice.creditMinor;
}

/** Zero, or the books are wrong. */
export function imbalance(amounts: LedgerAmounts): number {
  return ledgerAccounts.reduce((sum, account) => sum + amounts[account], 0);
}

/** What was posted for this invoice so far, altogether. */
export function standing(invoice: Invoice): LedgerAmounts {
  const parts = [claimed(invoice), taken(invoice), ...invoice.attempts.map((one) => returned(invoice, one))];
  return parts.reduce(sum, noAmounts);
}

/** undefined: the books say it already. */
export function change(before: Invoice | undefined, after: Invoice): Posting | undefined {
  const was = before === undefined ? noAmounts : standing(before);
  const amounts = difference(standing(after), was);
  if (ledgerAccounts.every((account) => amounts[account] === 0)) return undefined;
  return posting(`invoice ${after.key}`, after.terms.currency, amounts);
}

/** Goodwill: the customer's next invoices cost less. */
export function creditPosting(amountMinor: number, currency: string, why: string): Posting {
  return posting(why, currency, { ...noAmounts, refunds: amountMinor, credits: -amountMinor });
}

/** The claim on the customer, and what became of its revenue. Debits are positive. */
function claimed(invoice: Invoice): LedgerAmounts {
  if (invoice.isVoid) return noAmounts;
  const { grossMinor, taxMinor, creditMinor } = invoice;
  const net = grossMinor - taxMinor;
  return {
    ...noAmounts,
    receivable: grossMinor - creditMinor,
    credits: creditMinor,
    tax: -taxMinor,
    revenue: invoice.isEarned ? -net : 0,
    deferred: invoice.isEarned ? 0 : -net,
  };
}

/** Money that came. What nobody owed (paid twice, or after the invoice was void) is owed back. */
function taken(invoice: Invoice): LedgerAmounts {
  const cash = invoice.attempts
    .filter(({ charge }) => charge.outcome === "succeeded")
    .reduce((total, { amountMinor }) => total + amountMinor, 0);
  const owed = invoice.isVoid ? 0 : Math.min(cash, dueOf(invoice));
  return { ...noAmounts, cash, receivable: -owed, credits: -(cash - owed) };
}

/** Money that went back. A dispute takes it at once; only a lost one makes it ours to bear. */
function returned(invoice: Invoice, { charge }: Attempt): LedgerAmounts {
  const { refundedMinor, dispute, disputedMinor } = charge;
  const open = dispute === "open" ? disputedMinor : 0;
  const borne = refundedMinor + (dispute === "lost" ? disputedMinor : 0);
  const { taxMinor, grossMinor } = invoice;
  // What nobody owed lies in the customer's credit, and goes back from there.
  if (invoice.isVoid) return { ...noAmounts, cash: -borne - open, receivable: open, credits: borne };
  const tax = share(borne, [grossMinor - taxMinor, taxMinor])[1] ?? 0;
  return { ...noAmounts, cash: -borne - open, receivable: open, tax, refunds: borne - tax };
}

function posting(reason: string, currency: string, amounts: LedgerAmounts): Posting {
  assert(imbalance(amounts) === 0, `"${reason}" balances`);
  assert(
    ledgerAccounts.every((account) => Number.isSafeInteger(amounts[account])),
    `"${reason}" is in whole units`,
  );
  return { reason, currency, amounts };
}

export function sum(a: LedgerAmounts, b: LedgerAmounts): LedgerAmounts {
  return {
    receivable: a.receivable + b.receivable,
    cash: a.cash + b.cash,
    revenue: a.revenue + b.revenue,
    deferred: a.deferred + b.deferred,
    tax: a.tax + b.tax,
    refunds: a.refunds + b.refunds,
    credits: a.credits + b.credits,
  };
}

function difference(a: LedgerAmounts, b: LedgerAmounts): LedgerAmounts {
  // 0 − x, not −x: there is no negative zero in the books.
  const negated = ledgerAccounts.map((account) => [account, 0 - b[account]] as const);
  return sum(a, { ...noAmounts, ...Object.fromEntries(negated) });
}
