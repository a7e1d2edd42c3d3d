import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { type TestContext, test } from "node:test";
import {
  charge,
  dispute,
  errors,
  event,
  intent,
  needsAction,
  type Reply,
  refund,
  stripeServer,
} from "#test/fixtures/stripe-api.ts";
import { stripeVersion } from "./io/stripe-client.ts";
import { equal, stripeProvider } from "./io/stripe-provider.ts";
import { judgeSignature } from "./webhook-signature.ts";

const { signal } = new AbortController();
const webhookSecret = "whsec_written";
const wanted = {
  taskId: "c1.1.0.1",
  customerRef: "cus_1",
  methodRef: "pm_1",
  amountMinor: 999,
  currency: "EUR",
  isPresent: true,
};

async function provider(
  t: TestContext,
  replies: Readonly<Record<string, readonly Reply[] | "hang">>,
  timeoutMs = 5000,
) {
  const { url, seen } = await stripeServer(t, replies);
  const order = {
    secretKey: "sk_test_written",
    webhookSecret,
    returnUrl: "https://films.example/",
    baseUrl: url,
    timeoutMs,
  };
  return { stripe: stripeProvider(order), seen };
}

const mac = (text: string): string => createHmac("sha256", webhookSecret).update(text).digest("hex");
const ok = (body: unknown): readonly Reply[] => [{ status: 200, body }];
const outcome = (
  answer: Awaited<ReturnType<Awaited<ReturnType<typeof provider>>["stripe"]["lookUpCharge"]>>,
) => (answer === "not-found" ? answer : [answer.charge.outcome, answer.reason ?? answer.actionUrl]);

test("[AC80] every POST carries the task's name as its key, the pinned version, and no number of a card", async (t) => {
  const { stripe, seen } = await provider(t, {
    "POST /v1/customers": ok({ id: "cus_1" }),
    "POST /v1/checkout/sessions": ok({ id: "cs_1", url: "https://checkout.stripe.com/c/written" }),
    "POST /v1/payment_intents": ok(intent("succeeded")),
    "POST /v1/refunds": ok(refund("succeeded")),
  });
  assert.equal(await stripe.createCustomer("c1", signal), "cus_1");
  const method = await stripe.setUpMethod(
    { customerRef: "cus_1", token: "4242424242424242", requestId: "r1" },
    signal,
  );
  assert.deepEqual(method, { kind: "go", url: "https://checkout.stripe.com/c/written" });
  const answer = await stripe.charge(wanted, signal);
  assert.deepEqual(answer.charge, {
    outcome: "succeeded",
    refundedMinor: 0,
    dispute: "none",
    disputedMinor: 0,
  });
  assert.equal(answer.providerRef, "pi_3MtwBwLkdIwHu7ix28a3tqPa");
  const back = { taskId: "c1.1.0.1.r1", chargeTaskId: "c1.1.0.1", chargeRef: "pi_1", amountMinor: 400 };
  const refunded = await stripe.refund(back, signal);
  assert.deepEqual([refunded.kind, refunded.charge?.refundedMinor], ["done", 400]);
  assert.deepEqual(
    seen.map(({ headers }) => headers["idempotency-key"]),
    ["customer-c1", "setup-r1", "charge-c1.1.0.1", "refund-c1.1.0.1.r1"],
  );
  assert.ok(seen.every(({ headers }) => headers["stripe-version"] === stripeVersion));
  assert.ok(seen.every(({ headers }) => headers.authorization === "Bearer sk_test_written"));
  assert.ok(!JSON.stringify(seen).includes("4242"), "what a browser sent as a number goes nowhere");
  assert.deepEqual(seen[2]?.form, {
    ...{ amount: "999", currency: "eur", customer: "cus_1", payment_method: "pm_1", confirm: "true" },
    ...{
      return_url: "https://films.example/",
      "payment_method_types[0]": "card",
      "metadata[task]": "c1.1.0.1",
    },
  });
});

test("[AC80] in the customer's absence Stripe is told so, and sends them nowhere", async (t) => {
  const { stripe, seen } = await provider(t, { "POST /v1/payment_intents": ok(intent("succeeded")) });
  await stripe.charge({ ...wanted, isPresent: false }, signal);
  assert.deepEqual([seen[0]?.form.off_session, seen[0]?.form.return_url], ["true", undefined]);
});

test("[AC81] declined is failed; what says nothing of the outcome is thrown, and so not asked for again unseen", async (t) => {
  const said = async (status: number, body: unknown) => {
    const { stripe } = await provider(t, { "POST /v1/payment_intents": [{ status, body }] });
    return outcome(await stripe.charge(wanted, signal));
  };
  assert.deepEqual(await said(402, errors.declined), ["failed", "insufficient_funds"]);
  assert.deepEqual(await said(402, errors.authentication), ["failed", "authentication_required"]);
  assert.deepEqual(await said(400, errors.invalid), ["failed", "parameter_invalid_integer"]);
  assert.deepEqual(await said(200, needsAction), [
    "needs-action",
    "https://hooks.stripe.com/3d_secure/written",
  ]);
  assert.deepEqual(await said(200, intent("processing")), ["unknown", undefined]);
  for (const [status, body] of [
    [500, errors.broken],
    [409, errors.inUse],
    [429, errors.limited],
    [400, errors.reused],
    [200, "<html>"],
    [200, { id: 5 }],
  ] as const) {
    await assert.rejects(said(status, body), `${status} ${JSON.stringify(body)}`);
  }
  const { stripe } = await provider(t, { "POST /v1/payment_intents": "hang" }, 1);
  await assert.rejects(stripe.charge(wanted, signal), /timeout/i);
});

test("[AC82] a charge without an answer is found by the customer's list; when it is not there, Stripe never had it", async (t) => {
  const other = intent("succeeded", { id: "pi_other", metadata: { task: "another" } });
  const { stripe, seen } = await provider(t, {
    "GET /v1/payment_intents": [
      { status: 200, body: { object: "list", data: [other], has_more: true } },
      { status: 200, body: { object: "list", data: [intent("succeeded")], has_more: false } },
    ],
    "GET /v1/payment_intents/pi_9": ok(
      intent("requires_payment_method", { last_payment_error: errors.declined.error, latest_charge: charge }),
    ),
  });
  assert.deepEqual(outcome(await stripe.lookUpCharge({ ...wanted, providerRef: undefined }, signal)), [
    "succeeded",
    undefined,
  ]);
  assert.match(seen[1]?.path ?? "", /starting_after=pi_other/);
  assert.deepEqual(outcome(await stripe.lookUpCharge({ ...wanted, providerRef: "pi_9" }, signal)), [
    "failed",
    "insufficient_funds",
  ]);
  await assert.rejects(stripe.lookUpCharge({ ...wanted, providerRef: "pi_404" }, signal));
  const empty = await provider(t, {
    "GET /v1/payment_intents": ok({ data: [], has_more: false }),
    "GET /v1/refunds": ok({ data: [] }),
  });
  assert.equal(await empty.stripe.lookUpCharge({ ...wanted, providerRef: undefined }, signal), "not-found");
  const back = {
    taskId: "c1.1.0.1.r1",
    chargeTaskId: "c1.1.0.1",
    chargeRef: "pi_1",
    amountMinor: 400,
    providerRef: undefined,
  };
  assert.equal(await empty.stripe.lookUpRefund(back, signal), "not-found");
  const full = await provider(t, { "GET /v1/refunds": ok({ data: [refund("pending")] }) });
  const pending = await full.stripe.lookUpRefund(back, signal);
  assert.deepEqual(pending === "not-found" ? pending : [pending.kind, pending.charge], [
    "pending",
    undefined,
  ]);
});

test("[AC83] webhooks: outcomes, refunds, disputes and methods are read; what is not ours says nothing", async (t) => {
  const { stripe } = await provider(t, {
    "GET /v1/payment_intents/pi_3MtwBwLkdIwHu7ix28a3tqPa": ok(intent("succeeded")),
  });
  const read = async (type: string, object: unknown) => {
    const rawBody = event(type, object);
    const signature = `t=1700000000,v1=${mac(`1700000000.${rawBody}`)}`;
    const reading = await stripe.verifyWebhook({ rawBody, signature, nowMs: 1_700_000_000_000 }, signal);
    assert.ok(reading.kind === "event", JSON.stringify(reading));
    assert.equal(reading.id, "evt_1NG8Du2eZvKYlo2CUI79vXWy");
    const { saying } = reading;
    return saying.kind === "charge" ? [saying.ref, saying.answer.charge] : saying;
  };
  const state = { outcome: "succeeded", refundedMinor: 0, dispute: "none", disputedMinor: 0 };
  assert.deepEqual(await read("payment_intent.succeeded", intent("succeeded")), ["c1.1.0.1", state]);
  const failed = intent("requires_payment_method");
  assert.deepEqual(await read("payment_intent.payment_failed", failed), [
    "c1.1.0.1",
    { ...state, outcome: "failed" },
  ]);
  assert.deepEqual(await read("charge.refunded", charge), ["c1.1.0.1", { ...state, refundedMinor: 400 }]);
  for (const [status, standing] of [
    ["needs_response", "open"],
    ["won", "won"],
    ["lost", "lost"],
  ]) {
    const told = { ...state, dispute: standing, disputedMinor: 999 };
    assert.deepEqual(await read("charge.dispute.updated", dispute(status ?? "")), ["c1.1.0.1", told]);
  }
  assert.deepEqual(await read("charge.dispute.created", dispute("warning_needs_response")), [
    "c1.1.0.1",
    state,
  ]);
  const method = { customer: "cus_1", payment_method: "pm_1" };
  assert.deepEqual(await read("setup_intent.succeeded", method), {
    kind: "method",
    customerRef: "cus_1",
    methodRef: "pm_1",
  });
  const foreign = intent("succeeded", { metadata: {} });
  assert.deepEqual(await read("payment_intent.succeeded", foreign), { kind: "nothing" });
  assert.deepEqual(await read("charge.refunded", { ...charge, payment_intent: "pi_foreign" }), {
    kind: "nothing",
  });
  assert.deepEqual(await read("invoice.paid", { id: "in_1" }), { kind: "nothing" });
});

test("[AC78] signatures: the scheme's own vectors, several at once, old, from the future, altered, and none", () => {
  const rawBody = '{"id":"evt_test_webhook","object":"event"}';
  const order = { rawBody, nowSeconds: 1_700_000_000, toleranceSeconds: 300, mac, equal };
  const good = mac(`1700000000.${rawBody}`);
  // Computed with OpenSSL: printf '1700000000.BODY' | openssl dgst -sha256 -hmac whsec_written
  assert.equal(good, "124174f0e24621fc043f559f684d40a1f9a1ea4d11417702a9111b1e985866e6");
  const judge = (header: string | undefined, more: Partial<typeof order> = {}) =>
    judgeSignature({ ...order, ...more, header });
  assert.equal(judge(`t=1700000000,v1=${good}`), "good");
  assert.equal(judge(`t=1700000000,v1=${"0".repeat(64)},v1=${good},v0=abc`), "good");
  assert.equal(judge(`t=1700000000,v0=${good}`), "malformed");
  assert.equal(judge(`t=1700000000,v1=${good}`, { nowSeconds: 1_700_000_300 }), "good");
  assert.equal(judge(`t=1700000000,v1=${good}`, { nowSeconds: 1_700_000_301 }), "too-old");
  assert.equal(judge(`t=1700000000,v1=${good}`, { nowSeconds: 1_699_999_699 }), "too-old");
  assert.equal(judge(`t=1700000001,v1=${good}`), "wrong");
  assert.equal(judge(`t=1700000000,v1=${good}`, { rawBody: `${rawBody} ` }), "wrong");
  assert.equal(judge(`t=1700000000,v1=${good.toUpperCase()}`), "wrong");
  assert.equal(judge(`t=1700000000,t=1700000001,v1=${good}`), "malformed");
  for (const header of ["", "t=,v1=", "v1=a", "t=x,v1=y", "t=-1,v1=a"])
    assert.notEqual(judge(header), "good", header);
  assert.equal(judge(undefined), "missing");
});
