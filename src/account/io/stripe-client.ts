// The little of Stripe's HTTP that is needed: form-encoded requests, a pinned version, an idempotency key on every POST, and
// errors as values. Nothing is repeated here: who asks again is the caller's decision, made from a look-up.
import type { StripeError } from "#account/stripe-answer.ts";
import { stripeErrorBody } from "#wire/stripe.ts";

/** Shapes change with it: raised by hand, with the fixtures. */
export const stripeVersion = "2025-03-31.basil";
const answerBytes = 1 << 20;

export interface StripeOrder {
  readonly secretKey: string;
  /** "https://api.stripe.com" */
  readonly baseUrl: string;
  readonly timeoutMs: number;
}

/** Reads an answer, or throws when it is none. */
export interface Shape<T> {
  parse(value: unknown): T;
}

export type StripeResult<T> =
  | { readonly kind: "answer"; readonly value: T }
  | { readonly kind: "error"; readonly status: number; readonly error: StripeError };

export class StripeClient {
  private readonly order: StripeOrder;

  constructor(order: StripeOrder) {
    this.order = order;
  }

  /** @throws when the outcome is not known: no answer, a 5xx, or an answer that is none */
  async get<T>(path: string, shape: Shape<T>, signal: AbortSignal): Promise<StripeResult<T>> {
    return this.ask({ method: "GET", path, signal, headers: {} }, shape);
  }

  /** @throws as `get` */
  async post<T>(
    request: { readonly path: string; readonly form: Readonly<Record<string, string>>; readonly key: string },
    shape: Shape<T>,
    signal: AbortSignal,
  ): Promise<StripeResult<T>> {
    const headers = {
      "content-type": "application/x-www-form-urlencoded",
      "idempotency-key": request.key,
    };
    const body = new URLSearchParams(request.form).toString();
    return this.ask({ method: "POST", path: request.path, signal, headers, body }, shape);
  }

  private async ask<T>(
    request: {
      readonly method: "GET" | "POST";
      readonly path: string;
      readonly signal: AbortSignal;
      readonly headers: Readonly<Record<string, string>>;
      readonly body?: string;
    },
    shape: Shape<T>,
  ): Promise<StripeResult<T>> {
    const { secretKey, baseUrl, timeoutMs } = this.order;
    const { method, headers, body } = request;
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
    const authorised = { ...headers, authorization: `Bearer ${secretKey}`, "stripe-version": stripeVersion };
    const init = { method, headers: authorised, signal, redirect: "error" as const };
    const response = await fetch(`${baseUrl}${request.path}`, body === undefined ? init : { ...init, body });
    const text = await response.text();
    if (text.length > answerBytes) throw new Error(`Stripe answered ${text.length} characters`);
    // 409: the same key is in flight. 429: asked too often. Neither says what became of the request.
    if (response.status >= 500 || response.status === 409 || response.status === 429) {
      throw new Error(`Stripe answered ${response.status} to ${method} ${request.path.split("?")[0]}`);
    }
    const value: unknown = JSON.parse(text);
    if (response.ok) return { kind: "answer", value: shape.parse(value) };
    return { kind: "error", status: response.status, error: stripeErrorBody.parse(value).error };
  }
}
