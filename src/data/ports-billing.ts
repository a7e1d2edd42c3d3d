// What is kept of money. Everything about one customer changes under that customer's row lock, in one transaction, as a
// pure decision says; so there is one place where money moves, and it moves whole or not at all.
import type {
  LedgerAmounts,
  PaymentTask,
  Posting,
  PricePlan,
  Subscription,
  SubscriptionStatus,
} from "#model/billing.ts";
import type { Entitlement } from "#model/entitlement.ts";

export interface BillingCustomer {
  /** A name by chance: the books know customers by it alone. */
  readonly id: string;
  /** undefined: the account was erased. */
  readonly accountId: string | undefined;
  /** As the payment provider knows the customer, and the way to pay. */
  readonly providerRef: string | undefined;
  readonly methodRef: string | undefined;
  /** Postings so far: the next one's number. */
  readonly postings: number;
}

/** What a decision is made from. */
export interface CustomerFile {
  readonly customer: BillingCustomer;
  readonly subscription: Subscription | undefined;
  /** Owed to the customer, by currency. */
  readonly creditMinor: Readonly<Record<string, number>>;
  /** Each plan's newest version that its subscribers were told of. */
  readonly told: readonly PricePlan[];
  /** Those that are not over. */
  readonly tasks: readonly PaymentTask[];
}

export interface KeptAnswer {
  readonly status: number;
  /** JSON. */
  readonly body: string;
}

/** Proof that this request still owns its idempotency key. */
export interface KeyHold {
  readonly accountId: string;
  readonly key: string;
  readonly holder: string;
}

/** What is written, all or nothing. What is left out stays as it is. */
export interface BillingVerdict<T> {
  readonly result: T;
  readonly refs?: Partial<Pick<BillingCustomer, "providerRef" | "methodRef">>;
  readonly subscription?: Subscription;
  /** When time may next do something to it; undefined: never. Read with `subscription`. */
  readonly dueMs?: number | undefined;
  /** Written to the account's row. */
  readonly entitlement?: Entitlement;
  readonly postings?: readonly Posting[];
  /** New ones, or ones that changed. */
  readonly tasks?: readonly PaymentTask[];
  readonly answer?: KeptAnswer & KeyHold;
}

export type BillingDecision<T> = (file: CustomerFile) => BillingVerdict<T>;

export interface BillingChange<T> {
  readonly of: { readonly accountId: string } | { readonly customerId: string };
  readonly nowMs: number;
  readonly event?: { readonly provider: string; readonly id: string };
  readonly decide: BillingDecision<T>;
}

/** What is decided of a customer whose account is erased, in the erasure's own transaction. */
export type CustomerEnding = Pick<BillingChange<undefined>, "nowMs" | "decide">;

/**
 * "key-lost": the request took too long, and another one owns its key now. "seen": the event was taken before.
 * "no-customer": there is no such account or customer. In all of them nothing was written.
 */
export type Changed<T> =
  | { readonly kind: "changed"; readonly result: T }
  | { readonly kind: "key-lost" | "seen" | "no-customer" };

export interface StoredInvoice {
  readonly customerId: string;
  readonly key: string;
  readonly issuedAtMs: number;
  readonly value: Subscription["invoices"][number];
}

export interface LedgerRow extends Posting {
  readonly customerId: string;
  /** From 1 without a gap, by customer. */
  readonly number: number;
  readonly atMs: number;
}

/** A plan's price is the plan's: what is sold, and to whom it was told. */
export interface BillingStore {
  /** The database's clock: two control planes with clocks of their own agree by it. */
  nowMs(): Promise<number>;
  /** Every version, by plan and version. */
  plans(): Promise<readonly PricePlan[]>;
  /** Gives the plan its next version; of the versions before, none is offered any more. */
  addPlan(plan: Omit<PricePlan, "version">): Promise<PricePlan>;
  withdrawPlan(planId: string): Promise<boolean>;
  /** Subscribers of older versions were told of the newest one. */
  tellPlan(planId: string, fromMs: number): Promise<PricePlan | undefined>;

  /**
   * Decides about an account's customer, who is made when there is none. `decide` may run several times.
   * An event that was taken before changes nothing: its decision is not asked.
   */
  change<T>(order: BillingChange<T>): Promise<Changed<T>>;
  /** Without a customer: nothing was ever bought. */
  file(accountId: string): Promise<CustomerFile | undefined>;
  /** Customers whom time may do something to, the longest due first. */
  dueCustomers(nowMs: number, limit: number): Promise<readonly string[]>;
  /** Tasks to send or to look up, the longest due first. */
  dueTasks(
    nowMs: number,
    limit: number,
  ): Promise<readonly { readonly customerId: string; readonly taskId: string }[]>;
  /** Whose a payment is, by our name of it or the provider's. */
  owner(ref: string): Promise<{ readonly customerId: string; readonly task: PaymentTask } | undefined>;
  customerByProviderRef(ref: string): Promise<string | undefined>;
  /** Newest first. */
  invoices(accountId: string, limit: number): Promise<readonly StoredInvoice[]>;
  invoice(accountId: string, key: string): Promise<StoredInvoice | undefined>;

  /** In the order (customer, number), after the given row. */
  ledger(
    after: { readonly customerId: string; readonly number: number },
    limit: number,
  ): Promise<readonly LedgerRow[]>;
  /** The sum of each ledger account, by currency. */
  balances(): Promise<readonly { readonly currency: string; readonly amounts: LedgerAmounts }[]>;
  /** Customers by what their subscription's status is now; who never subscribed is in none. */
  statusCounts(): Promise<readonly { readonly status: SubscriptionStatus; readonly customers: number }[]>;
  /** Events older than this will not come again. */
  pruneEvents(beforeMs: number): Promise<void>;
}

export type KeyTaken =
  | { readonly kind: "fresh"; readonly hold: KeyHold }
  | { readonly kind: "answered"; readonly answer: KeptAnswer }
  | { readonly kind: "reused" }
  | { readonly kind: "in-flight"; readonly leftMs: number };

/** Answers by idempotency key, for each account its own keys. */
export interface KeyStore {
  /** A request that died holding its key lets go of it after `holdMs`. */
  take(
    order: KeyHold & { readonly bodyHash: string; readonly nowMs: number; readonly holdMs: number },
  ): Promise<KeyTaken>;
  /** False: another request owns the key now. */
  keep(answer: KeptAnswer & KeyHold): Promise<boolean>;
  /** Nothing happened: the key may be used again. An answer that is kept stays. */
  release(hold: KeyHold): Promise<void>;
  prune(beforeMs: number): Promise<void>;
}
