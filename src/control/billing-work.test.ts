import assert from "node:assert/strict";
import { test } from "node:test";
import { type OfflineProvider, offlineProvider } from "#account/io/offline-provider.ts";
import type { BillingStore } from "#data/ports-billing.ts";
import { wrapped } from "#test/fixtures/bank.ts";
import { basic, paidLife, premium, standard, succeeded } from "#test/fixtures/billing-facts.ts";
import { type MemoryStores, memoryStores } from "#test/fixtures/memory-stores.ts";
import { judged } from "./billing-decision.ts";
import { type BillingPorts, renewBatch, takeCharge, workOff } from "./billing-work.ts";

const { signal } = new AbortController();
const dayMs = 86_400_000;
const rules = { dunningDays: [1, 3, 5, 7], suspendedDays: 30, taxRate: 0 };

interface Plane {
  readonly stores: MemoryStores;
  readonly provider: OfflineProvider;
  readonly ports: BillingPorts;
  readonly troubles: string[];
}

function plane(change: (store: BillingStore) => Partial<BillingStore> = () => ({})): Plane {
  const stores = memoryStores();
  stores.nowMs = Date.UTC(2026, 0, 31);
  const provider = offlineProvider({
    secret: "s",
    nowMs: () => stores.nowMs,
    confirmUrl: String,
    deliver: async () => true,
  });
  const troubles: string[] = [];
  const store = wrapped(stores.billing, change(stores.billing));
  const more = {
    newId: () => "id",
    reconcileMs: 1000,
    batch: 3,
    onTrouble: (what: string) => void troubles.push(what),
  };
  return { stores, provider, troubles, ports: { store, provider, rules, ...more } };
}

/** Subscribed, with a trial that ends in 14 days. */
async function trialist({ stores }: Plane, n: number): Promise<string> {
  const made = await stores.accounts.create({
    email: `${n}@x.org`,
    passwordHash: "",
    role: "viewer",
    profileName: "A",
  });
  assert.ok(made !== "email-taken");
  const done = await stores.billing.change({
    of: { accountId: made.id },
    nowMs: stores.nowMs,
    decide(file) {
      const event = { kind: "subscribe", terms: standard, trialDays: 14 } as const;
      const verdict = judged(file, { event, rules, nowMs: stores.nowMs, freshId: "x" });
      assert.ok(typeof verdict !== "string");
      return { ...verdict, result: file.customer.id, refs: { providerRef: "p", methodRef: "tok_good" } };
    },
  });
  assert.ok(done.kind === "changed");
  return made.id;
}

test("[CO144] many control planes at once, again and again: one invoice and one charge per subscription and period", async () => {
  const one = plane();
  const ids = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((n) => trialist(one, n)));
  let looks = 0;
  const provider = wrapped<BillingPorts["provider"]>(one.provider, {
    lookUpCharge(order, at) {
      looks += 1;
      return one.provider.lookUpCharge(order, at);
    },
  });
  const ports = { ...one.ports, provider };
  for (const days of [14, 0, 31, -20, 20, 0, 31]) {
    one.stores.nowMs += days * dayMs;
    for (let round = 0; round < 4; round++) {
      await Promise.all([1, 2, 3].flatMap(() => [renewBatch(ports), workOff(ports, signal)]));
    }
  }
  for (const id of ids) {
    const keys = (await one.stores.billing.invoices(id, 99)).map(({ key }) => key);
    assert.deepEqual(keys.toSorted(), ["1.0", "1.1", "1.2"]);
  }
  assert.equal(one.provider.charges().length, 21);
  assert.equal(one.provider.balance(), 21 * 999);
  assert.equal(looks, 0, "who came second went away");
});

test("[CO144] after three months away the job charges one period each, in batches, and can be cut off between them", async () => {
  const one = plane();
  const ids = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((n) => trialist(one, n)));
  one.stores.nowMs += 14 * dayMs;
  while ((await renewBatch(one.ports)) + (await workOff(one.ports, signal)) > 0);
  one.stores.nowMs += 95 * dayMs;
  assert.equal(await renewBatch(one.ports), 3, "a batch, and then it is cut off");
  while ((await renewBatch(one.ports)) + (await workOff(one.ports, signal)) > 0);
  for (const id of ids) assert.equal((await one.stores.billing.invoices(id, 99)).length, 2);
  assert.equal(one.provider.balance(), 14 * 999);
});

test("[CO144] killed after the charge and before its outcome was kept: it is looked up, not charged again", async () => {
  let isDead = false;
  const one = plane((store) => ({
    change: (order) => (isDead ? Promise.reject(new Error("killed")) : store.change(order)),
  }));
  const id = await trialist(one, 1);
  one.stores.nowMs += 14 * dayMs;
  await renewBatch(one.ports);
  let charges = 0;
  const provider = wrapped<BillingPorts["provider"]>(one.provider, {
    async charge(order, at) {
      charges += 1;
      const answer = await one.provider.charge(order, at);
      isDead = true;
      return answer;
    },
  });
  const ports = { ...one.ports, provider };
  await workOff(ports, signal);
  isDead = false;
  assert.equal((await one.stores.billing.file(id))?.subscription?.status, "past-due");
  await workOff(ports, signal);
  assert.equal((await one.stores.billing.file(id))?.subscription?.status, "past-due", "not before its time");
  one.stores.nowMs += 1000;
  await workOff(ports, signal);
  assert.equal((await one.stores.billing.file(id))?.subscription?.status, "active");
  assert.equal(charges, 1);
});

test("[CO144] what the provider never got is sent again under the same name", async () => {
  const one = plane();
  const id = await trialist(one, 1);
  one.stores.nowMs += 14 * dayMs;
  await renewBatch(one.ports);
  const names: string[] = [];
  const provider = wrapped<BillingPorts["provider"]>(one.provider, {
    async charge(order, at) {
      names.push(order.taskId);
      if (names.length === 1) throw new Error("the network is down");
      return one.provider.charge(order, at);
    },
  });
  for (let round = 0; round < 3; round++) {
    await workOff({ ...one.ports, provider }, signal);
    one.stores.nowMs += 1000;
  }
  assert.equal((await one.stores.billing.file(id))?.subscription?.status, "active");
  assert.equal(names.length, 2);
  assert.equal(names[0], names[1]);
  assert.equal(one.troubles.length, 1);
});

test("[CO151] one customer who cannot be renewed holds up nobody, and is told of", async () => {
  const bad = { id: "" };
  const one = plane((store) => ({
    change: (order) =>
      "customerId" in order.of && order.of.customerId === bad.id
        ? Promise.reject(new Error("broken"))
        : store.change(order),
  }));
  const ids = await Promise.all([1, 2, 3, 4, 5].map((n) => trialist(one, n)));
  bad.id = (await one.stores.billing.file(ids[0] ?? ""))?.customer.id ?? "";
  one.stores.nowMs += 14 * dayMs;
  while ((await renewBatch(one.ports)) > 0);
  const invoices = await Promise.all(
    ids.map(async (id) => (await one.stores.billing.invoices(id, 9)).length),
  );
  assert.deepEqual(invoices, [0, 1, 1, 1, 1]);
  assert.ok(one.troubles.every((what) => what.includes(bad.id)));
});

test("[CO151] an invoice that became void before its charge was sent is not charged", async () => {
  const one = plane();
  const id = await trialist(one, 1);
  one.stores.nowMs += 14 * dayMs;
  await renewBatch(one.ports);
  await one.stores.billing.change({
    of: { accountId: id },
    nowMs: one.stores.nowMs,
    decide(file) {
      const verdict = judged(file, {
        event: { kind: "cancel" },
        rules,
        nowMs: one.stores.nowMs,
        freshId: "x",
      });
      assert.ok(typeof verdict !== "string");
      return { ...verdict, result: undefined };
    },
  });
  await workOff(one.ports, signal);
  assert.equal(one.provider.charges().length, 0);
  assert.deepEqual(await one.stores.billing.dueTasks(Number.MAX_SAFE_INTEGER, 9), []);
});

test("[CO143] what is told of an invoice that is not remembered any more is said to be, and changes nothing", async () => {
  const one = plane();
  const id = await trialist(one, 1);
  one.stores.nowMs += 14 * dayMs;
  while ((await renewBatch(one.ports)) + (await workOff(one.ports, signal)) > 0);
  const file = await one.stores.billing.file(id);
  assert.ok(file?.subscription !== undefined);
  const subscription = { ...file.subscription, invoices: [] };
  const { nowMs } = one.stores;
  await one.stores.billing.change({
    of: { accountId: id },
    nowMs,
    decide: () => ({ result: 1, subscription }),
  });
  const [charge] = one.provider.charges();
  const owner = await one.stores.billing.owner(charge?.taskId ?? "");
  assert.ok(owner !== undefined && charge !== undefined);
  const told = { ...charge.state, dispute: "lost", disputedMinor: 999 } as const;
  assert.equal(await takeCharge(one.ports, { ...owner, answer: { charge: told } }), "unplaced");
  assert.equal((await one.stores.billing.balances())[0]?.amounts.cash, 999);
});

test("[CO151] an outcome that stays unknown is looked up ever more seldom, and of a void invoice for a week", async () => {
  const one = plane();
  const id = await trialist(one, 1);
  one.stores.nowMs += 14 * dayMs;
  await renewBatch(one.ports);
  let looks = 0;
  const provider = wrapped<BillingPorts["provider"]>(one.provider, {
    charge: () => Promise.reject(new Error("no answer")),
    lookUpCharge() {
      looks += 1;
      return Promise.reject(new Error("no answer"));
    },
  });
  const ports = { ...one.ports, provider };
  for (let hour = 0; hour < 30 * 24; hour++) {
    await workOff(ports, signal);
    await renewBatch(ports);
    one.stores.nowMs += 3_600_000;
  }
  assert.ok(looks > 10 && looks < 40, `${looks} looks in 30 days`);
  one.stores.nowMs += 60 * dayMs;
  await renewBatch(ports);
  assert.equal((await one.stores.billing.file(id))?.subscription?.status, "cancelled");
  await workOff(ports, signal);
  assert.deepEqual(await one.stores.billing.dueTasks(Number.MAX_SAFE_INTEGER, 9), []);
});

test("[AC72] who went up within the period is told of the plan that they have now", () => {
  const life = paidLife(basic);
  life.happens({ kind: "change", terms: premium });
  life.told(succeeded);
  const told = {
    ...premium,
    version: 2,
    priceMinor: 1999,
    trialDays: 0,
    offered: true,
    createdAtMs: 0,
    toldFromMs: 0,
  };
  const customer = { id: "c", accountId: "a", providerRef: "p", methodRef: "m", postings: 0 };
  const file = { customer, subscription: life.state, creditMinor: {}, told: [told], tasks: [] };
  const nowMs = life.state?.endMs ?? 0;
  const verdict = judged(file, { event: { kind: "tick" }, rules, nowMs, freshId: "x" });
  assert.ok(typeof verdict !== "string");
  assert.equal(verdict.subscription.invoices.at(-1)?.grossMinor, 1999);
});
