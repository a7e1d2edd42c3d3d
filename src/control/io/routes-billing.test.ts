import assert from "node:assert/strict";
import { test } from "node:test";
import { dataFaults } from "#data/faults.ts";
import { unsold } from "#model/entitlement.ts";
import { wrapped } from "#test/fixtures/bank.ts";
import { type Answer, type BillingPlane, sellingPlane } from "#test/fixtures/billing-plane.ts";
import { eventually } from "#test/journeys/control-plane.ts";
import { Fault } from "#units/fault.ts";
import { dunningDaysOf } from "./billing-desk.ts";

const dayMs = 86_400_000;
let keys = 0;
const key = (): string => `key-${++keys}`;

function code({ text }: Answer): string {
  return JSON.parse(text).error?.code;
}

const post = (plane: BillingPlane, path: string, body: unknown, who = "ada") =>
  plane.ask(path, { method: "POST", body, who, key: key() });

async function status(plane: BillingPlane, wanted: string, who = "ada"): Promise<void> {
  await eventually(`${who} is ${wanted}`, async () => {
    const { text } = await plane.ask("/v1/subscription", { who });
    return JSON.parse(text).status === wanted;
  });
}

async function entitlement({ stores, accounts }: BillingPlane, who: "ada" | "bob" = "ada") {
  return (await stores.accounts.byId(accounts[who]))?.entitlement;
}

test("[CO140] with billing off every path says so with 404, and nobody is held back", async (t) => {
  const plane = await sellingPlane(t, { billing: "off" });
  for (const path of ["/v1/plans", "/v1/subscription", "/v1/invoices"]) {
    const answer = await plane.ask(path, { who: "ada" });
    assert.deepEqual([answer.status, code(answer)], [404, "billing-off"], path);
  }
  const asked = await post(plane, "/v1/subscription", { planId: "basic" });
  assert.deepEqual([asked.status, code(asked)], [404, "billing-off"]);
  assert.deepEqual(await entitlement(plane), unsold);
});

test("[CO142] a viewer sets up a way to pay, tries out, pays, goes up, cancels and comes back", async (t) => {
  const plane = await sellingPlane(t);
  const { plans } = JSON.parse((await plane.ask("/v1/plans")).text);
  assert.deepEqual(plans.map((one: { planId: string }) => one.planId).sort(), [
    "basic",
    "premium",
    "standard",
  ]);
  const refused = await post(plane, "/v1/payment-method", { token: "4929 1234 1234 1234" });
  assert.deepEqual([refused.status, code(refused)], [422, "method-refused"]);
  assert.ok(!refused.text.includes("4929"), "a number that might be real is not repeated");
  assert.equal(
    (await post(plane, "/v1/payment-method", { token: "4242 4242 4242 4242" })).text,
    '{"kind":"ready"}',
  );
  const begun = JSON.parse((await post(plane, "/v1/subscription", { planId: "standard" })).text);
  assert.deepEqual([begun.status, begun.terms.priceMinor, begun.hasMethod], ["trial", 999, true]);
  assert.deepEqual(await entitlement(plane), { standing: "good", screens: 2, maxHeight: 1080 });
  plane.stores.nowMs += 14 * dayMs;
  await status(plane, "active");
  await post(plane, "/v1/subscription/change", { planId: "premium" });
  await eventually("the upgrade is paid", async () => (await entitlement(plane))?.screens === 4);
  const { invoices } = JSON.parse((await plane.ask("/v1/invoices", { who: "ada" })).text);
  assert.deepEqual(
    invoices.map((one: { status: string }) => one.status),
    ["paid", "paid"],
  );
  assert.equal(JSON.parse((await post(plane, "/v1/subscription/cancel", {})).text).cancelsAtEnd, true);
  assert.equal(JSON.parse((await post(plane, "/v1/subscription/resume", {})).text).cancelsAtEnd, false);
  await post(plane, "/v1/subscription/cancel", {});
  plane.stores.nowMs += 31 * dayMs;
  await status(plane, "cancelled");
  assert.equal((await entitlement(plane))?.standing, "none");
});

test("[CO147] a foreign invoice is answered like one that does not exist; a receipt holds no markup of names", async (t) => {
  const plane = await sellingPlane(t);
  await post(
    plane,
    "/v1/admin/plans",
    {
      planId: "odd",
      name: "<b>Odd</b>",
      screens: 1,
      maxHeight: 720,
      priceMinor: 500,
      currency: "JPY",
      period: "month",
      trialDays: 0,
    },
    "boss",
  );
  await post(plane, "/v1/payment-method", { token: "tok_good" });
  await post(plane, "/v1/subscription", { planId: "odd" });
  await status(plane, "active");
  const mine = await plane.ask("/v1/invoices/1.0", { who: "ada" });
  assert.deepEqual([mine.status, JSON.parse(mine.text).grossMinor], [200, 500]);
  const foreign = await plane.ask("/v1/invoices/1.0", { who: "bob" });
  const none = await plane.ask("/v1/invoices/7.7", { who: "ada" });
  assert.deepEqual([foreign.status, foreign.text], [none.status, none.text]);
  assert.equal(foreign.status, 404);
  const receipt = await plane.ask("/v1/invoices/1.0/receipt", { who: "ada" });
  assert.match(receipt.text, /&lt;b&gt;Odd&lt;\/b&gt;/);
  assert.match(receipt.text, /¥500/);
  assert.equal((await plane.ask("/v1/invoices/1.0/receipt", { who: "bob" })).status, 404);
});

test("[CO141] same key and body: the same answer, and it happens once; another body: 422; no key: 400", async (t) => {
  const plane = await sellingPlane(t);
  const asking = { method: "POST", who: "ada", key: "one", body: { planId: "basic" } };
  const first = await plane.ask("/v1/subscription", asking);
  const again = await plane.ask("/v1/subscription", asking);
  assert.equal(first.status, 200);
  assert.deepEqual([again.status, again.text], [first.status, first.text]);
  const other = await plane.ask("/v1/subscription", { ...asking, body: { planId: "premium" } });
  assert.deepEqual([other.status, code(other)], [422, "key-reused"]);
  const elsewhere = await plane.ask("/v1/subscription/change", asking);
  assert.deepEqual([elsewhere.status, code(elsewhere)], [422, "key-reused"]);
  assert.equal(
    (await plane.ask("/v1/subscription", { ...asking, who: "bob" })).status,
    200,
    "another account's key",
  );
  for (const bad of [undefined, "with space", "ü", "x".repeat(256)]) {
    const headers = bad === undefined ? {} : { "idempotency-key": encodeURI(bad).replaceAll("%20", " ") };
    const answer = await plane.ask("/v1/subscription", {
      method: "POST",
      who: "ada",
      body: { planId: "basic" },
      headers,
    });
    if (bad !== "ü") assert.deepEqual([answer.status, code(answer)], [400, "key-missing"], bad);
  }
  const refused = await post(plane, "/v1/subscription", { planId: "basic" });
  assert.deepEqual([refused.status, code(refused)], [409, "change-refused"]);
});

/** A plane whose changes wait at a gate, or die before or after they are committed. */
async function trickyPlane(t: Parameters<typeof sellingPlane>[0]) {
  const trick = {
    before: async () => undefined as unknown,
    after: async () => undefined as unknown,
    dead: false,
  };
  const plane = await sellingPlane(t, { billingIdleMs: 3_600_000 }, ({ billing, keys: kept }) => ({
    billing: wrapped(billing, {
      async change(order) {
        await trick.before();
        const done = await billing.change(order);
        await trick.after();
        return done;
      },
    }),
    keys: wrapped(kept, {
      release: async (hold) => (trick.dead ? undefined : kept.release(hold)),
      keep: async (answer) => (trick.dead ? false : kept.keep(answer)),
    }),
  }));
  return { plane, trick };
}

test("[CO141] while the first request is under way, the same key is told when to come again", async (t) => {
  const { plane, trick } = await trickyPlane(t);
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  trick.before = () => {
    reached.resolve();
    return gate.promise;
  };
  const asking = { method: "POST", who: "ada", key: "slow", body: { planId: "basic" } };
  const first = plane.ask("/v1/subscription", asking);
  await reached.promise;
  const second = await plane.ask("/v1/subscription", asking);
  assert.deepEqual(
    [second.status, code(second), second.headers.get("retry-after")],
    [409, "key-in-flight", "60"],
  );
  const other = await plane.ask("/v1/subscription", { ...asking, body: { planId: "premium" } });
  assert.deepEqual([other.status, code(other)], [422, "key-reused"]);
  gate.resolve();
  assert.equal((await first).status, 200);
  assert.equal((await plane.ask("/v1/subscription", asking)).text, (await first).text);
});

test("[CO141] after a death before the commit the key is free in time; after one behind it the answer is given again", async (t) => {
  const { plane, trick } = await trickyPlane(t);
  const asking = { method: "POST", who: "ada", key: "dead", body: { planId: "basic" } };
  trick.dead = true;
  trick.before = () => Promise.reject(new Error("killed"));
  assert.equal((await plane.ask("/v1/subscription", asking)).status, 500);
  const held = await plane.ask("/v1/subscription", asking);
  assert.deepEqual([held.status, code(held)], [409, "key-in-flight"]);
  plane.stores.nowMs += 60_000;
  trick.before = async () => undefined;
  trick.after = () => Promise.reject(new Error("killed"));
  assert.equal(
    (await plane.ask("/v1/subscription", asking)).status,
    500,
    "it was committed, and the answer was lost",
  );
  trick.after = async () => undefined;
  const again = await plane.ask("/v1/subscription", asking);
  assert.deepEqual([again.status, JSON.parse(again.text).status], [200, "trial"]);
  trick.dead = false;
  trick.before = () => Promise.reject(new Error("the database timed out"));
  const late = { ...asking, who: "bob", key: "late" };
  assert.equal((await plane.ask("/v1/subscription", late)).status, 500);
  trick.before = async () => undefined;
  assert.equal(
    (await plane.ask("/v1/subscription", late)).status,
    200,
    "nothing had happened: the key was free at once",
  );
});

test("[CO145] while the database is away money fails closed: 503, Retry-After, and nothing is charged", async (t) => {
  const plane = await sellingPlane(t, { billingIdleMs: 3_600_000 });
  const away = new Fault(dataFaults.databaseUnreachable, { address: "db", reason: "refused" });
  plane.stores.away = away;
  const answers = await Promise.all([
    plane.ask("/v1/plans"),
    plane.ask("/v1/subscription", { who: "ada" }),
    post(plane, "/v1/subscription", { planId: "basic" }),
    post(
      plane,
      "/v1/admin/credits",
      { accountId: plane.accounts.ada, amountMinor: 5, currency: "EUR", why: "x" },
      "boss",
    ),
  ]);
  for (const answer of answers) {
    assert.equal(answer.status, 503, answer.text);
    assert.match(answer.headers.get("retry-after") ?? "", /^\d+$/);
  }
  plane.stores.away = undefined;
  assert.equal(JSON.parse((await plane.ask("/v1/subscription", { who: "ada" })).text).status, "none");
});

test("[CO149] settings that cannot be meant are refused with what was found", async (t) => {
  assert.deepEqual(dunningDaysOf("1, 3,5,7"), [1, 3, 5, 7]);
  for (const text of ["", "3,1", "0,2", "1,1", "1.5", "a", "400"]) {
    assert.throws(
      () => dunningDaysOf(text),
      (error) => error instanceof Fault && error.code === "dunning-days",
      text,
    );
  }
  await assert.rejects(sellingPlane(t, { billing: "stripe" }), /MILLRACE_STRIPE_KEY/);
});
