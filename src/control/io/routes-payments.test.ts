import assert from "node:assert/strict";
import { test } from "node:test";
import { offlineTokens } from "#account/io/offline-provider.ts";
import { wrapped } from "#test/fixtures/bank.ts";
import { type BillingPlane, sellingPlane } from "#test/fixtures/billing-plane.ts";
import { knownPassword } from "#test/fixtures/signed-in.ts";
import { eventually } from "#test/journeys/control-plane.ts";

let keys = 0;
const post = (plane: BillingPlane, path: string, body: unknown, who = "ada") =>
  plane.ask(path, { method: "POST", body, who, key: `pay-${++keys}` });

const view = async (plane: BillingPlane, who = "ada") =>
  JSON.parse((await plane.ask("/v1/subscription", { who })).text);

const erase = (plane: BillingPlane, who: string) =>
  plane.ask("/v1/me", { method: "DELETE", body: { password: knownPassword }, who });

/** A plan without a trial, so that the first charge comes at once. */
async function bought(plane: BillingPlane, token: string): Promise<void> {
  const plan = {
    planId: "now",
    name: "Now",
    screens: 1,
    maxHeight: 720,
    priceMinor: 700,
    currency: "EUR",
    period: "month",
    trialDays: 0,
  };
  await post(plane, "/v1/admin/plans", plan, "boss");
  await post(plane, "/v1/payment-method", { token });
  await post(plane, "/v1/subscription", { planId: "now" });
}

const ends: Readonly<Record<(typeof offlineTokens)[number], string>> = {
  tok_good: "active",
  tok_declined: "incomplete",
  tok_insufficient: "incomplete",
  tok_expired: "incomplete",
  tok_needs_action: "incomplete",
  tok_timeout_success: "active",
  tok_timeout_failure: "incomplete",
  tok_duplicate_webhook: "active",
  tok_webhook_first: "active",
  tok_out_of_order: "active",
  tok_dispute: "suspended",
};

test("[CO143] each way in which a payment goes, over real webhooks, ends where it should, and the books balance", async (t) => {
  for (const token of offlineTokens) {
    let delivered = 0;
    const plane = await sellingPlane(t, {}, ({ billing }) => ({
      billing: wrapped(billing, {
        change(order) {
          if (order.event !== undefined) delivered += 1;
          return billing.change(order);
        },
      }),
    }));
    await bought(plane, token);
    const wanted = ends[token];
    const events =
      { tok_needs_action: 0, tok_duplicate_webhook: 2, tok_out_of_order: 3, tok_dispute: 2 }[
        token as string
      ] ?? 1;
    await eventually(
      `${token}: ${wanted}`,
      async () => (await view(plane)).status === wanted && delivered >= events,
    );
    const { balances } = JSON.parse((await plane.ask("/v1/admin/trial-balance", { who: "boss" })).text);
    assert.equal(balances[0].sumMinor, 0);
    assert.equal(balances[0].amounts.cash, wanted === "active" ? 700 : 0, token);
  }
});

test("[CO148] a payment that needs the customer waits on our page; refused there, it has failed", async (t) => {
  for (const [choice, end] of [
    ["yes", "active"],
    ["no", "incomplete"],
  ] as const) {
    const plane = await sellingPlane(t);
    await bought(plane, "tok_needs_action");
    await eventually("it waits", async () => (await view(plane)).payment?.actionUrl !== null);
    const { payment } = await view(plane);
    const page = await plane.ask(payment.actionUrl);
    assert.match(page.text, /No money moves/);
    const done = await plane.ask(`${payment.actionUrl}/${choice}`, {
      raw: "",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    assert.equal(done.status, 200);
    await eventually(
      end,
      async () => (await view(plane)).status === end && (await view(plane)).payment === null,
    );
    const twice = await plane.ask(`${payment.actionUrl}/${choice}`, {
      raw: "",
      headers: { "content-type": "text/plain" },
    });
    assert.equal(twice.status, 404);
  }
});

test("[CO143] a webhook that is forged, old, or of another provider is refused; one that cannot be kept is not taken", async (t) => {
  const plane = await sellingPlane(t);
  const path = "/v1/payments/webhook/offline";
  const forged = await plane.ask(path, { raw: "{}", headers: { "millrace-signature": "t=1,v1=00" } });
  assert.deepEqual([forged.status, JSON.parse(forged.text).error.code], [400, "webhook-refused"]);
  assert.equal((await plane.ask(path, { raw: "{}" })).status, 400);
  assert.equal((await plane.ask("/v1/payments/webhook/stripe", { raw: "{}" })).status, 404);
});

test("[CO143] a webhook is answered with 2xx only when it is kept: while the database fails it comes again", async (t) => {
  let failures = 3;
  const plane = await sellingPlane(t, {}, ({ billing }) => ({
    billing: wrapped(billing, {
      change(order) {
        if (order.event !== undefined && failures-- > 0)
          return Promise.reject(new Error("the database failed"));
        return billing.change(order);
      },
    }),
  }));
  await bought(plane, "tok_timeout_success");
  await eventually("active", async () => (await view(plane)).status === "active");
  assert.ok(failures <= 0, "it was sent again until it was kept");
});

test("[CO146] an admin gives back, gives credit, and reads books that sum to zero; nobody else may", async (t) => {
  const plane = await sellingPlane(t);
  await bought(plane, "tok_good");
  await eventually("active", async () => (await view(plane)).status === "active");
  const accountId = plane.accounts.ada;
  const refund = { accountId, invoiceId: "1.0", amountMinor: 300 };
  const invoices = `/v1/admin/accounts/${accountId}/invoices`;
  const refundable = async (): Promise<unknown> =>
    JSON.parse((await plane.ask(invoices, { who: "boss" })).text).invoices.map(
      (one: { id: string; refundableMinor: number }) => [one.id, one.refundableMinor],
    );
  assert.deepEqual(await refundable(), [["1.0", 700]]);
  for (const who of ["ada", "op"]) {
    assert.equal((await plane.ask(invoices, { who })).status, 403);
    assert.equal((await post(plane, "/v1/admin/refunds", refund, who)).status, 403);
    assert.equal((await plane.ask("/v1/admin/ledger.csv", { who })).status, 403);
  }
  assert.equal((await post(plane, "/v1/admin/refunds", refund, "boss")).status, 200);
  assert.deepEqual(await refundable(), [["1.0", 400]]);
  const much = await post(plane, "/v1/admin/refunds", { ...refund, amountMinor: 401 }, "boss");
  assert.deepEqual([much.status, JSON.parse(much.text).error.code], [409, "too-much"]);
  const credit = { accountId, amountMinor: 150, currency: "EUR", why: '=1+1, "sorry"' };
  assert.equal((await post(plane, "/v1/admin/credits", credit, "boss")).text, '{"creditMinor":150}');
  assert.equal((await post(plane, "/v1/admin/credits", { ...credit, currency: "XQQ" }, "boss")).status, 400);
  const nobody = await post(plane, "/v1/admin/credits", { ...credit, accountId: "nobody" }, "boss");
  assert.deepEqual([nobody.status, JSON.parse(nobody.text).error.code], [404, "no-such-account"]);
  const books = async () =>
    JSON.parse((await plane.ask("/v1/admin/trial-balance", { who: "boss" })).text).balances[0];
  await eventually("the refund is in the books", async () => (await books()).amounts.cash === 400);
  assert.deepEqual(await books(), {
    currency: "EUR",
    amounts: { receivable: 0, cash: 400, revenue: 0, deferred: -700, tax: 0, refunds: 450, credits: -150 },
    sumMinor: 0,
  });
  const csv = (await plane.ask("/v1/admin/ledger.csv", { who: "boss" })).text.trimEnd().split("\r\n");
  assert.equal(csv[0], "customer,number,at,reason,currency,account,debit,credit");
  const cells = csv.slice(1).map((line) => line.split(",").slice(-2).map(Number));
  assert.equal(
    cells.reduce((sum, [debit = 0, side = 0]) => sum + debit - side, 0),
    0,
  );
  assert.ok(csv.some((line) => line.includes('"credit: =1+1, ""sorry"""')));
});

test("[CO142] a new price is for new subscribers; those who have an older one keep it until they are told", async (t) => {
  const plane = await sellingPlane(t);
  await bought(plane, "tok_good");
  const dearer = {
    planId: "now",
    name: "Now",
    screens: 1,
    maxHeight: 720,
    priceMinor: 900,
    currency: "EUR",
    period: "month",
    trialDays: 0,
  };
  const made = JSON.parse((await post(plane, "/v1/admin/plans", dearer, "boss")).text);
  assert.equal(made.version, 2);
  plane.stores.nowMs += 31 * 86_400_000;
  await eventually("renewed at the old price", async () =>
    (await plane.ask("/v1/invoices", { who: "ada" })).text.includes('"id":"1.1"'),
  );
  const prices = async () =>
    JSON.parse((await plane.ask("/v1/invoices", { who: "ada" })).text).invoices.map(
      (one: { grossMinor: number }) => one.grossMinor,
    );
  assert.deepEqual(await prices(), [700, 700]);
  assert.equal((await post(plane, "/v1/admin/plans/now/tell", { noticeDays: 20 }, "boss")).status, 200);
  await eventually("paid", async () => (await view(plane)).status === "active");
  plane.stores.nowMs += 31 * 86_400_000;
  await eventually("renewed at the new price", async () => (await prices())[0] === 900);
  assert.equal((await post(plane, "/v1/admin/plans/now/withdraw", {}, "boss")).status, 200);
  assert.equal((await post(plane, "/v1/subscription", { planId: "now" }, "bob")).status, 404);
});

test("[CO150] who is erased is charged no more, and the books keep no trace of who it was", async (t) => {
  const plane = await sellingPlane(t);
  await bought(plane, "tok_good");
  await eventually("active", async () => (await view(plane)).status === "active");
  const { billing } = plane.stores;
  assert.equal((await erase(plane, "ada")).status, 204);
  plane.stores.nowMs += 400 * 86_400_000;
  assert.deepEqual(await billing.dueCustomers(plane.stores.nowMs, 10), []);
  const rows = await billing.ledger({ customerId: "", number: 0 }, 100);
  assert.ok(rows.length >= 2);
  assert.ok(!JSON.stringify(rows).includes(plane.accounts.ada));
  assert.equal((await billing.balances())[0]?.amounts.cash, 700);
});

test("[CO108] [CO150] the last admin is not erased, and keeps what was paid for until another one is there", async (t) => {
  const plane = await sellingPlane(t);
  await post(plane, "/v1/payment-method", { token: "tok_good" }, "boss");
  await post(plane, "/v1/subscription", { planId: "basic" }, "boss");
  const before = await view(plane, "boss");
  assert.equal(before.status, "trial");
  const said = await erase(plane, "boss");
  assert.deepEqual([said.status, JSON.parse(said.text).error.code], [409, "last-admin"]);
  assert.deepEqual(await view(plane, "boss"), before);
  const role = { role: "admin" };
  assert.equal((await post(plane, `/v1/admin/accounts/${plane.accounts.op}/role`, role, "boss")).status, 204);
  assert.equal((await erase(plane, "boss")).status, 204);
  assert.deepEqual(await plane.stores.billing.dueCustomers(Number.MAX_SAFE_INTEGER, 10), []);
});
