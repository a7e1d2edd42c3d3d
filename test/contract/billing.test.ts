// What is kept of money, on every database there is.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PGlite } from "@electric-sql/pglite";
import { Kysely, type KyselyPlugin, PGliteDialect, sql } from "kysely";
import { creditPosting, noAmounts } from "#account/ledger-posting.ts";
import { nothingSold } from "#account/subscription-state.ts";
import { accountStore } from "#data/io/account-store.ts";
import { billingStore } from "#data/io/billing-store.ts";
import { accessTo, type Database } from "#data/io/database-access.ts";
import { keyStore } from "#data/io/key-store.ts";
import { migrate } from "#data/io/migrations.ts";
import type { Schema } from "#data/io/schema.ts";
import type { Stores } from "#data/ports.ts";
import type { BillingVerdict, CustomerFile } from "#data/ports-billing.ts";
import type { PaymentTask, Subscription } from "#model/billing.ts";
import { Bank } from "#test/fixtures/bank.ts";
import { paidLife, start } from "#test/fixtures/billing-facts.ts";
import { account, embeddedFolder, fresh, isFault, onEach } from "./stores-builders.ts";

const nowMs = 1_700_000_000_000;
const credit = creditPosting(1, "EUR", "credit: test");

function paid(): Subscription {
  const { state } = paidLife();
  assert.ok(state !== undefined);
  return state;
}

function task(customerId: string): PaymentTask {
  return {
    ...{ id: `${customerId}.1.0.1`, kind: "charge", invoiceKey: "1.0", number: 1, amountMinor: 999 },
    ...{
      currency: "EUR",
      isPresent: true,
      state: "planned",
      dueMs: nowMs,
      sentAtMs: undefined,
      providerRef: undefined,
    },
    ...{ actionUrl: undefined, reason: undefined },
  };
}

const whole = ({ customer }: CustomerFile): BillingVerdict<string> => ({
  result: customer.id,
  refs: { providerRef: `p-${customer.id}`, methodRef: "m" },
  subscription: paid(),
  dueMs: nowMs + 5,
  entitlement: { standing: "good", screens: 2, maxHeight: 1080 },
  postings: [credit, credit],
  tasks: [task(customer.id)],
});

onEach(
  "[DA42] a decision is written whole: subscription, entitlement, invoices, tasks and books",
  async (stores) => {
    const { id } = await account(stores);
    assert.equal(await stores.billing.file(id), undefined);
    const done = await stores.billing.change({ of: { accountId: id }, nowMs, decide: whole });
    assert.ok(done.kind === "changed");
    const file = await stores.billing.file(id);
    assert.deepEqual(file?.subscription, JSON.parse(JSON.stringify(paid())));
    assert.deepEqual(file?.creditMinor, { EUR: 2 });
    assert.deepEqual(file?.tasks, [task(done.result)]);
    assert.deepEqual((await stores.accounts.byId(id))?.entitlement, {
      standing: "good",
      screens: 2,
      maxHeight: 1080,
    });
    assert.equal((await stores.billing.invoice(id, "1.0"))?.value.grossMinor, 999);
    assert.deepEqual(
      (await stores.billing.invoices(id, 5)).map(({ key }) => key),
      ["1.0"],
    );
    assert.equal((await stores.billing.owner(`${done.result}.1.0.1`))?.customerId, done.result);
    assert.equal(await stores.billing.customerByProviderRef(`p-${done.result}`), done.result);
    assert.ok((await stores.billing.dueCustomers(nowMs + 5, 1000)).includes(done.result));
    assert.ok(!(await stores.billing.dueCustomers(nowMs + 4, 1000)).includes(done.result));
    const due = await stores.billing.dueTasks(nowMs, 1000);
    assert.ok(due.some(({ customerId }) => customerId === done.result));
    const nobody = { of: { accountId: `no-${fresh()}` }, nowMs, decide: whole };
    assert.deepEqual(await stores.billing.change(nobody), { kind: "no-customer" });
  },
);

onEach(
  "[DA42] decisions about one customer come one after the other, however many are taken at once",
  async (stores) => {
    const { id } = await account(stores);
    const decide = ({ customer }: CustomerFile) => ({ result: customer.postings, postings: [credit] });
    const order = { of: { accountId: id }, nowMs, decide };
    const done = await Promise.all(Array.from({ length: 20 }, () => stores.billing.change(order)));
    const seen = done.map((one) => (one.kind === "changed" ? one.result : -1)).toSorted((a, b) => a - b);
    assert.deepEqual(
      seen,
      Array.from({ length: 20 }, (_, n) => n),
    );
    assert.equal((await stores.billing.file(id))?.creditMinor.EUR, 20);
  },
);

onEach("[DA43] the database refuses a row of the books that does not balance", async (stores) => {
  const { id } = await account(stores);
  const postings = [{ reason: "wrong", currency: "EUR", amounts: { ...noAmounts, cash: 1 } }];
  const decide = () => ({ result: undefined, postings, entitlement: nothingSold });
  await assert.rejects(
    stores.billing.change({ of: { accountId: id }, nowMs, decide }),
    isFault("database-failed"),
  );
  assert.equal(
    (await stores.accounts.byId(id))?.entitlement.standing,
    "good",
    "and nothing of the decision is kept",
  );
});

onEach("[DA42] moments come from the database's clock, in milliseconds", async ({ billing }) => {
  const hourMs = 3_600_000;
  assert.ok(Math.abs((await billing.nowMs()) - Date.now()) < hourMs);
});

test("[DA43] no path changes or removes a row of the books", () => {
  const sources = globSync("src/**/*.ts").map((path) => readFileSync(path, "utf8"));
  assert.ok(
    sources.some((text) => text.includes('insertInto("ledger")')),
    "the pattern is right",
  );
  const changing = /(updateTable|deleteFrom)\("ledger"\)|(update|delete from|truncate|drop table) ledger\b/i;
  assert.deepEqual(
    sources.filter((text) => changing.test(text)),
    [],
  );
  assert.ok(changing.test('db.deleteFrom("ledger")') && changing.test("update ledger set"));
});

onEach("[DA44] a second invoice for the same period is an error of the database", async (stores) => {
  const { id } = await account(stores);
  const change = (subscription: Subscription) =>
    stores.billing.change({
      of: { accountId: id },
      nowMs,
      decide: () => ({ result: undefined, subscription }),
    });
  await change(paid());
  await change({ ...paid(), invoices: [] });
  await assert.rejects(change(paid()), isFault("database-failed"));
});

onEach(
  "[DA45] a key gives its answer again, refuses another body, and is held while it is under way",
  async ({ keys }) => {
    const at = { accountId: fresh(), key: "k", bodyHash: "b", nowMs, holdMs: 1000 };
    const taken = await keys.take({ ...at, holder: "h1" });
    assert.ok(taken.kind === "fresh");
    assert.deepEqual(await keys.take({ ...at, holder: "h2" }), { kind: "in-flight", leftMs: 1000 });
    assert.equal((await keys.take({ ...at, holder: "h2", bodyHash: "c" })).kind, "reused");
    const answer = { status: 200, body: '{"a":1}' };
    assert.ok(await keys.keep({ ...taken.hold, ...answer }));
    assert.ok(!(await keys.keep({ ...taken.hold, ...answer, status: 500 })));
    await keys.release(taken.hold);
    assert.deepEqual(await keys.take({ ...at, holder: "h3" }), { kind: "answered", answer });
    assert.equal(
      (await keys.take({ ...at, accountId: fresh(), holder: "h4" })).kind,
      "fresh",
      "another account's key",
    );
    await keys.prune(nowMs + 1);
    assert.equal((await keys.take({ ...at, holder: "h5" })).kind, "fresh");
  },
);

onEach(
  "[DA45] after a death the key is free in time, and the dead one's work is undone when it wakes",
  async (stores) => {
    const { id } = await account(stores);
    const at = { accountId: id, key: "k", bodyHash: "b", holdMs: 1000 };
    const dead = await stores.keys.take({ ...at, holder: "dead", nowMs });
    const next = await stores.keys.take({ ...at, holder: "next", nowMs: nowMs + 1000 });
    assert.ok(dead.kind === "fresh" && next.kind === "fresh");
    const work = (hold: typeof dead.hold) =>
      stores.billing.change({
        of: { accountId: id },
        nowMs,
        decide: () => ({ result: 1, postings: [credit], answer: { ...hold, status: 200, body: "{}" } }),
      });
    assert.deepEqual(await work(dead.hold), { kind: "key-lost" });
    assert.equal((await work(next.hold)).kind, "changed");
    assert.equal((await stores.billing.file(id))?.creditMinor.EUR, 1);
    const many = await Promise.all(
      Array.from({ length: 10 }, (_, n) => stores.keys.take({ ...at, key: "m", holder: `${n}`, nowMs })),
    );
    assert.equal(many.filter(({ kind }) => kind === "fresh").length, 1);
  },
);

onEach("[DA46] of an event that comes many times at once, one is taken", async (stores) => {
  const { id } = await account(stores);
  const event = { provider: "offline", id: fresh() };
  const order = { of: { accountId: id }, nowMs, event, decide: () => ({ result: 1, postings: [credit] }) };
  const kinds = await Promise.all(Array.from({ length: 10 }, () => stores.billing.change(order)));
  assert.equal(kinds.filter(({ kind }) => kind === "changed").length, 1);
  assert.equal(kinds.filter(({ kind }) => kind === "seen").length, 9);
  await stores.billing.pruneEvents(nowMs + 1);
  assert.equal((await stores.billing.change(order)).kind, "changed");
});

onEach(
  "[DA47] a plan's versions are kept; the newest alone is offered; there is a table to begin with",
  async ({ billing }) => {
    const began = await billing.plans();
    assert.deepEqual(
      ["basic", "standard", "premium"].map(
        (planId) => began.find((one) => one.planId === planId && one.version === 1)?.screens,
      ),
      [1, 2, 4],
    );
    const planId = `p${fresh()}`;
    const base = began[0];
    assert.ok(base !== undefined);
    await billing.addPlan({ ...base, planId, priceMinor: 100 });
    await billing.addPlan({ ...base, planId, priceMinor: 200 });
    const told = await billing.tellPlan(planId, 7);
    assert.deepEqual([told?.version, told?.toldFromMs], [2, 7]);
    const mine = (await billing.plans()).filter((one) => one.planId === planId);
    assert.deepEqual(
      mine.map(({ version, priceMinor, offered }) => [version, priceMinor, offered]),
      [
        [1, 100, false],
        [2, 200, true],
      ],
    );
    assert.ok(await billing.withdrawPlan(planId));
    assert.ok(!(await billing.withdrawPlan(planId)));
    assert.equal(await billing.tellPlan("none", 7), undefined);
  },
);

onEach("[DA48] an erased account's books stay, and lead to nobody", async (stores) => {
  const { id } = await account(stores);
  const done = await stores.billing.change({ of: { accountId: id }, nowMs, decide: whole });
  assert.ok(done.kind === "changed");
  assert.deepEqual(await stores.register.erase(id), { ended: [] });
  assert.equal(await stores.billing.file(id), undefined);
  const rows = await stores.billing.ledger({ customerId: done.result, number: 0 }, 2);
  assert.deepEqual(
    rows.map(({ customerId, number }) => [customerId, number]),
    [
      [done.result, 1],
      [done.result, 2],
    ],
  );
  assert.ok(!JSON.stringify(rows).includes(id));
  assert.ok(!(await stores.billing.dueCustomers(Number.MAX_SAFE_INTEGER, 10_000)).includes(done.result));
});

onEach("[DA42] many customers, two control planes, deaths at every step: the books agree", async (stores) => {
  const accountIds = (await Promise.all(Array.from({ length: 4 }, () => account(stores)))).map(
    ({ id }) => id,
  );
  const before = await stores.billing.balances();
  const mine = await mineAlone(stores, accountIds);
  const bank = new Bank({
    stores: mine,
    seed: 7,
    accountIds,
    // How the two take turns differs from run to run, and with it who buys and who dies: in half as many rounds, once in many, nobody did.
    rounds: 24,
    crashes: 0.05,
    planted: "none",
    startMs: start,
  });
  await bank.run();
  assert.ok(bank.deaths > 0 && bank.provider.charges().length > 0);
  assert.deepEqual(await bank.complaints(), []);
  assert.ok(before.every(({ amounts }) => Object.values(amounts).reduce((a, b) => a + b) === 0));
});

/** Other tests share the database: the bank looks at its own customers alone. */
async function mineAlone(stores: Stores, accountIds: readonly string[]): Promise<Stores> {
  const ids = async () =>
    new Set(
      (await Promise.all(accountIds.map((id) => stores.billing.file(id)))).map((file) => file?.customer.id),
    );
  const { billing } = stores;
  const only = async <T extends { readonly customerId: string }>(rows: readonly T[]) => {
    const known = await ids();
    return rows.filter(({ customerId }) => known.has(customerId));
  };
  const mine: Stores["billing"] = {
    ...billing,
    ledger: async (after, limit) => only(await billing.ledger(after, limit)),
    dueTasks: async (now) => only(await billing.dueTasks(now, 10_000)),
    async dueCustomers(now) {
      const known = await ids();
      return (await billing.dueCustomers(now, 10_000)).filter((id) => known.has(id));
    },
    async balances() {
      const rows = await mine.ledger({ customerId: "", number: 0 }, 1_000_000);
      const total = rows.reduce(
        (sum, { amounts }) =>
          Object.fromEntries(Object.entries(amounts).map(([k, v]) => [k, v + (sum[k] ?? 0)])),
        Object.fromEntries(Object.entries(noAmounts)),
      );
      return [{ currency: "EUR", amounts: { ...noAmounts, ...total } }];
    },
  };
  return { ...stores, billing: mine };
}

class Died extends Error {}

/** Fails at the statement of that number. */
function mortal(): { readonly plugin: KyselyPlugin; dieAt: number; seen: number } {
  const life = {
    dieAt: Number.POSITIVE_INFINITY,
    seen: 0,
    plugin: {
      transformQuery: ({ node }: Parameters<KyselyPlugin["transformQuery"]>[0]) => {
        life.seen += 1;
        if (life.seen === life.dieAt) throw new Died();
        return node;
      },
      transformResult: async ({ result }: Parameters<KyselyPlugin["transformResult"]>[0]) => result,
    },
  };
  return life;
}

test("[DA49] a death at any statement of a decision leaves nothing of it", async (t) => {
  const pglite = await PGlite.create(join(await embeddedFolder(), "pgdata"));
  t.after(() => pglite.close());
  const life = mortal();
  const db = new Kysely<Schema>({ dialect: new PGliteDialect({ pglite }), plugins: [life.plugin] });
  const database: Database = accessTo({ db, address: "memory", deadlineSeconds: 60, retries: 0 });
  await migrate(database, 0);
  const accounts = accountStore(database);
  const billing = billingStore(database);
  const keys = keyStore(database);
  const made = await accounts.create({
    email: "a@x.org",
    passwordHash: "",
    role: "viewer",
    profileName: "A",
  });
  assert.ok(made !== "email-taken");
  const taken = await keys.take({
    accountId: made.id,
    key: "k",
    holder: "h",
    bodyHash: "b",
    nowMs,
    holdMs: 1,
  });
  assert.ok(taken.kind === "fresh");
  const decide = (file: CustomerFile) => ({
    ...whole(file),
    answer: { ...taken.hold, status: 200, body: "{}" },
  });
  const order = { of: { accountId: made.id }, nowMs, event: { provider: "p", id: "e" }, decide };
  const tables = ["billing_customer", "invoice", "payment_task", "ledger", "payment_event"];
  const counts = () =>
    Promise.all(
      tables.map(async (name) => (await sql`select 1 from ${sql.table(name)}`.execute(db)).rows.length),
    );
  let deaths = 0;
  for (let at = 1; ; at++) {
    life.seen = 0;
    life.dieAt = at;
    const died = await billing.change(order).then(
      () => false,
      (error: unknown) => error instanceof Died || Promise.reject(error),
    );
    life.dieAt = Number.POSITIVE_INFINITY;
    if (!died) break;
    deaths += 1;
    assert.deepEqual(await counts(), [0, 0, 0, 0, 0], `died at statement ${at}`);
    assert.equal((await accounts.byId(made.id))?.entitlement.screens, 4);
  }
  assert.ok(deaths >= 12, `only ${deaths} statements`);
  assert.deepEqual(await counts(), [1, 1, 1, 2, 1]);
  assert.equal((await accounts.byId(made.id))?.entitlement.screens, 2);
});
