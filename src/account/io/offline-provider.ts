// A payment provider that needs no network and moves no money, for trying out and for tests: it fails in every way that a
// real one does, by the token that the customer's method was set up with. Its book is in memory: after a restart it knows
// nothing of before, which is one more way to fail (a look-up then says "not found", and the charge is made anew).
import { createHmac, randomBytes } from "node:crypto";
import { joined, nothingKnown } from "#account/charge-state.ts";
import type {
  ChargeAnswer,
  ChargeOrder,
  PaymentProvider,
  RefundAnswer,
  RefundOrder,
} from "#account/payment-ports.ts";
import { judgeSignature, signatureHeader } from "#account/webhook-signature.ts";
import type { ChargeState } from "#model/billing.ts";
import { offlineEvent } from "#wire/offline-payment.ts";
import { equal } from "./stripe-provider.ts";

export const offlineTokens = [
  "tok_good",
  "tok_declined",
  "tok_insufficient",
  "tok_expired",
  "tok_needs_action",
  "tok_timeout_success",
  "tok_timeout_failure",
  "tok_duplicate_webhook",
  "tok_webhook_first",
  "tok_out_of_order",
  "tok_dispute",
] as const;
export type OfflineToken = (typeof offlineTokens)[number];

/** Test cards by number, as other providers have them; no other number is taken. */
const byNumber: Readonly<Record<string, OfflineToken>> = {
  "4242424242424242": "tok_good",
  "4000000000000002": "tok_declined",
  "4000000000009995": "tok_insufficient",
  "4000000000000069": "tok_expired",
  "4000002500003155": "tok_needs_action",
  "4000000000000259": "tok_dispute",
};

const reasons: Partial<Record<OfflineToken, string>> = {
  tok_declined: "card_declined",
  tok_insufficient: "insufficient_funds",
  tok_expired: "expired_card",
};

interface OfflineCharge {
  readonly ref: string;
  readonly order: ChargeOrder;
  state: ChargeState;
  /** What was given back, by the refund's id. */
  readonly refunds: Map<string, number>;
  reason: string | undefined;
}

export interface OfflineOrder {
  readonly secret: string;
  readonly nowMs: () => number;
  /** One delivery of a webhook; false or a rejection: not stored, try again. */
  readonly deliver: (rawBody: string, signature: string) => Promise<boolean>;
  /** Address of our page for 3-D Secure. */
  readonly confirmUrl: (ref: string) => string;
}

export interface OfflineProvider extends PaymentProvider {
  /** Delivers what waits, once each; what is not taken waits on. @returns how many were taken */
  pump(): Promise<number>;
  /** The customer's answer on the page for 3-D Secure. False: nothing waits for it. */
  confirm(ref: string, agrees: boolean): boolean;
  /** The bank decides a dispute. */
  decide(ref: string, standing: "won" | "lost"): boolean;
  /** Its own books: what it holds for us. */
  balance(): number;
  charges(): readonly {
    readonly taskId: string;
    readonly ref: string;
    readonly state: ChargeState;
    readonly amountMinor: number;
  }[];
}

interface Delivery {
  readonly rawBody: string;
  tries: number;
}

const toleranceSeconds = 300;
/** A delivery that nobody takes is given up. */
const mostTries = 20;
const mostCharges = 10_000;
const mostDeliveries = 10_000;

export function offlineProvider(order: OfflineOrder): OfflineProvider {
  return new OfflineBank(order);
}

class OfflineBank implements OfflineProvider {
  readonly name = "offline";
  private readonly order: OfflineOrder;
  private readonly book = new Map<string, OfflineCharge>();
  private waiting: Delivery[] = [];

  constructor(order: OfflineOrder) {
    this.order = order;
  }

  async createCustomer(customerId: string): Promise<string> {
    return `offline-${customerId}`;
  }

  async setUpMethod(wish: { readonly token: string | undefined }) {
    const token = byNumber[wish.token?.replaceAll(/[ -]/g, "") ?? ""] ?? wish.token;
    const known = offlineTokens.find((one) => one === token);
    // What was given is not repeated: it might be a real number.
    if (known === undefined)
      return { kind: "refused" as const, because: "it is no test token of the offline provider" };
    return { kind: "ready" as const, methodRef: known };
  }

  async charge(wish: ChargeOrder): Promise<ChargeAnswer> {
    const known = this.book.get(wish.taskId);
    if (known !== undefined) return this.answerOf(known);
    const made = this.open(wish);
    switch (wish.methodRef) {
      case "tok_needs_action":
        this.become(made, { outcome: "needs-action" }, []);
        return this.answerOf(made);
      case "tok_timeout_success":
      case "tok_timeout_failure": {
        const outcome = wish.methodRef === "tok_timeout_success" ? "succeeded" : "failed";
        this.become(made, { outcome }, [{ outcome }]);
        throw new Error("the provider did not answer in time");
      }
      case "tok_webhook_first":
        this.become(made, { outcome: "succeeded" }, [{ outcome: "succeeded" }]);
        await this.pump();
        return this.answerOf(made);
      case "tok_duplicate_webhook":
        this.become(made, { outcome: "succeeded" }, [{ outcome: "succeeded" }]);
        this.waiting.push(...this.waiting.slice(-1).map((one) => ({ ...one })));
        return this.answerOf(made);
      case "tok_out_of_order":
        this.become(made, { outcome: "succeeded" }, [
          { outcome: "succeeded" },
          { outcome: "failed" },
          { outcome: "unknown" },
        ]);
        return this.answerOf(made);
      case "tok_dispute": {
        const disputed = { outcome: "succeeded", dispute: "open", disputedMinor: wish.amountMinor } as const;
        this.become(made, { outcome: "succeeded" }, [{ outcome: "succeeded" }]);
        const answer = this.answerOf(made);
        this.become(made, disputed, [disputed]);
        return answer;
      }
      default:
        return this.plainly(made);
    }
  }

  private plainly(made: OfflineCharge): ChargeAnswer {
    const token = offlineTokens.find((one) => one === made.order.methodRef);
    made.reason = token === undefined ? "no_such_method" : reasons[token];
    const outcome = made.reason === undefined ? "succeeded" : "failed";
    this.become(made, { outcome }, [{ outcome }]);
    return this.answerOf(made);
  }

  async refund(wish: RefundOrder): Promise<RefundAnswer> {
    const made = this.book.get(wish.chargeTaskId);
    if (made === undefined) return { kind: "failed", charge: undefined };
    if (!made.refunds.has(wish.taskId)) {
      const free = made.order.amountMinor - made.state.refundedMinor;
      if (made.state.outcome !== "succeeded" || wish.amountMinor > free)
        return { kind: "failed", charge: undefined };
      made.refunds.set(wish.taskId, wish.amountMinor);
      const refundedMinor = made.state.refundedMinor + wish.amountMinor;
      this.become(made, { refundedMinor }, [{ outcome: "succeeded", refundedMinor }]);
    }
    return { kind: "done", charge: made.state, providerRef: wish.taskId };
  }

  async lookUpCharge(wish: ChargeOrder): Promise<ChargeAnswer | "not-found"> {
    const made = this.book.get(wish.taskId);
    return made === undefined ? "not-found" : this.answerOf(made);
  }

  async lookUpRefund(wish: RefundOrder): Promise<RefundAnswer | "not-found"> {
    const made = this.book.get(wish.chargeTaskId);
    if (made?.refunds.has(wish.taskId) !== true) return "not-found";
    return { kind: "done", charge: made.state, providerRef: wish.taskId };
  }

  async verifyWebhook(order: {
    readonly rawBody: string;
    readonly signature: string | undefined;
    readonly nowMs: number;
  }) {
    const { rawBody, signature: header } = order;
    const nowSeconds = Math.floor(order.nowMs / 1000);
    const verdict = judgeSignature({ header, rawBody, nowSeconds, toleranceSeconds, mac: this.mac, equal });
    if (verdict !== "good") return { kind: "forged" as const, because: `the signature is ${verdict}` };
    const { id, task, ref, charge, reason } = offlineEvent.parse(JSON.parse(rawBody));
    const answer = { charge, providerRef: ref, reason };
    return { kind: "event" as const, id, saying: { kind: "charge" as const, ref: task, answer } };
  }

  async pump(): Promise<number> {
    const batch = this.waiting;
    this.waiting = [];
    let taken = 0;
    for (const delivery of batch) {
      const signature = signatureHeader(delivery.rawBody, Math.floor(this.order.nowMs() / 1000), this.mac);
      const isTaken = await this.order.deliver(delivery.rawBody, signature).catch(() => false);
      delivery.tries += 1;
      if (isTaken) taken += 1;
      else if (delivery.tries < mostTries) this.waiting.push(delivery);
    }
    return taken;
  }

  confirm(ref: string, agrees: boolean): boolean {
    const made = this.byRef(ref);
    if (made?.state.outcome !== "needs-action") return false;
    const outcome = agrees ? "succeeded" : "failed";
    if (!agrees) made.reason = "authentication_failed";
    this.become(made, { outcome }, [{ outcome }]);
    return true;
  }

  decide(ref: string, standing: "won" | "lost"): boolean {
    const made = this.byRef(ref);
    if (made?.state.dispute !== "open") return false;
    this.become(made, { dispute: standing }, [
      { outcome: "succeeded", dispute: standing, disputedMinor: made.state.disputedMinor },
    ]);
    return true;
  }

  balance(): number {
    return [...this.book.values()].reduce((sum, { state, order }) => {
      const isGone = state.dispute === "open" || state.dispute === "lost";
      const taken = state.outcome === "succeeded" ? order.amountMinor : 0;
      return sum + taken - state.refundedMinor - (isGone ? state.disputedMinor : 0);
    }, 0);
  }

  charges() {
    return [...this.book.values()].map(({ ref, order, state }) => ({
      ...{ taskId: order.taskId, ref, state, amountMinor: order.amountMinor },
    }));
  }

  private readonly mac = (text: string): string =>
    createHmac("sha256", this.order.secret).update(text).digest("hex");

  private byRef(ref: string): OfflineCharge | undefined {
    return [...this.book.values()].find((one) => one.ref === ref);
  }

  private open(order: ChargeOrder): OfflineCharge {
    const ref = `off_${randomBytes(16).toString("hex")}`;
    const made = { ref, order, state: nothingKnown, refunds: new Map(), reason: undefined };
    const [oldest] = this.book.keys();
    if (this.book.size >= mostCharges && oldest !== undefined) this.book.delete(oldest);
    this.book.set(order.taskId, made);
    return made;
  }

  /** Its own state, and the webhooks that tell of it, in the order in which they go out. */
  private become(
    made: OfflineCharge,
    change: Partial<ChargeState>,
    told: readonly Partial<ChargeState>[],
  ): void {
    made.state = joined(made.state, { ...made.state, ...change });
    for (const state of told) {
      const id = `evt_${randomBytes(12).toString("hex")}`;
      const { ref, order, reason } = made;
      const charge = { ...nothingKnown, ...state };
      this.waiting.push({
        rawBody: JSON.stringify({ id, task: order.taskId, ref, reason, charge }),
        tries: 0,
      });
    }
    if (this.waiting.length > mostDeliveries) this.waiting = this.waiting.slice(-mostDeliveries);
  }

  private answerOf({ ref, state, reason }: OfflineCharge): ChargeAnswer {
    const actionUrl = state.outcome === "needs-action" ? this.order.confirmUrl(ref) : undefined;
    return { charge: state, providerRef: ref, actionUrl, reason };
  }
}
