// What is promised about the register that admins work with, on every database and in memory.
import assert from "node:assert/strict";
import { creditPosting } from "#account/ledger-posting.ts";
import type { Stores } from "#data/ports.ts";
import type { CustomerFile } from "#data/ports-billing.ts";
import { paidLife } from "#test/fixtures/billing-facts.ts";
import { granted, keyOf, renewed, wish } from "./lease-builders.ts";
import { account, fresh, onEachAndInMemory } from "./stores-builders.ts";

const lastWord = creditPosting(1, "EUR", "credit: the last word");

/** These first, since the store lets the last admin be nothing else; then whoever else is one in this database is none. */
async function onlyAdmins({ register }: Stores, ids: readonly string[]): Promise<void> {
  for (const id of ids) assert.equal(await register.setRole(id, "admin"), "set");
  for (const { id, role } of await register.page({ search: "", after: "", limit: 10_000 })) {
    if (role === "admin" && !ids.includes(id)) assert.equal(await register.setRole(id, "viewer"), "set");
  }
}

onEachAndInMemory(
  "[DA37] the last admin who is not locked stays one, also when two take it from each other at once",
  async (stores) => {
    const { register } = stores;
    const [a, b] = [await account(stores), await account(stores)];
    await onlyAdmins(stores, [a.id]);
    assert.equal(await register.setRole(a.id, "viewer"), "last-admin");
    assert.equal(await register.setLocked(a.id, true), "last-admin");
    assert.equal(await register.erase(a.id), "last-admin");
    assert.equal(await register.setRole(b.id, "admin"), "set");
    const both = await Promise.all([register.setRole(a.id, "operator"), register.setRole(b.id, "operator")]);
    assert.deepEqual(both.toSorted(), ["last-admin", "set"]);
    const [left, gone] = both[0] === "set" ? [b, a] : [a, b];
    assert.equal((await stores.accounts.byId(left.id))?.role, "admin");
    await register.setRole(gone.id, "admin");
    assert.deepEqual(await register.setLocked(gone.id, true), { ended: [], screens: [] });
    assert.equal(await register.setRole(left.id, "viewer"), "last-admin", "a locked admin lets nobody in");
    assert.equal(await register.setRole("nobody", "viewer"), "unknown");
    assert.equal(await register.setLocked("nobody", true), "unknown");
  },
);

onEachAndInMemory(
  "[DA37] of two admins who erase themselves at once one is refused, and nothing is decided about that customer",
  async (stores) => {
    const { register, billing } = stores;
    const admins = [await account(stores), await account(stores)];
    await onlyAdmins(
      stores,
      admins.map(({ id }) => id),
    );
    const decide = ({ customer }: CustomerFile) => ({ result: customer.id, refs: { methodRef: "card" } });
    const customers: string[] = [];
    for (const { id } of admins) {
      const made = await billing.change({ of: { accountId: id }, nowMs: 1, decide });
      customers.push(made.kind === "changed" ? made.result : assert.fail(made.kind));
    }
    const ending = { nowMs: 2, decide: () => ({ result: undefined, postings: [lastWord] }) };
    const done = await Promise.all(admins.map(({ id }) => register.erase(id, ending)));
    const refused = done.indexOf("last-admin");
    assert.deepEqual(done[1 - refused], { ended: [] });
    const postingsOf = async (at: number): Promise<number> =>
      (await billing.ledger({ customerId: customers[at] ?? "", number: 0 }, 1)).filter(
        ({ customerId }) => customerId === customers[at],
      ).length;
    assert.deepEqual([await postingsOf(refused), await postingsOf(1 - refused)], [0, 1]);
    const kept = await billing.file(admins[refused]?.id ?? "");
    assert.deepEqual([kept?.customer.id, kept?.customer.methodRef], [customers[refused], "card"]);
    assert.equal(await billing.file(admins[1 - refused]?.id ?? ""), undefined);
    const stranger = await account(stores);
    assert.deepEqual(await register.erase(stranger.id, ending), { ended: [] }, "who never bought anything");
  },
);

onEachAndInMemory(
  "[DA211] beside a first purchase an erasure ends what was bought, or nothing is bought any more",
  async ({ register, billing, ...stores }) => {
    const nowMs = 1_700_000_000_000;
    const { state } = paidLife();
    assert.ok(state !== undefined);
    const subscription = state;
    const buy = ({ customer }: CustomerFile) => ({
      ...{ result: customer.id, refs: { providerRef: `p-${customer.id}` } },
      ...{ subscription, dueMs: nowMs, postings: [lastWord] },
    });
    const ending = { nowMs, decide: () => ({ result: undefined, postings: [lastWord] }) };
    const round = async (): Promise<void> => {
      const { id } = await account({ ...stores, register, billing });
      const bought = billing.change({ of: { accountId: id }, nowMs, decide: buy });
      const [done, erased] = await Promise.all([bought, register.erase(id, ending)]);
      assert.deepEqual(erased, { ended: [] });
      assert.equal(await billing.file(id), undefined, "the books lead to nobody");
      if (done.kind !== "changed") return assert.equal(done.kind, "no-customer");
      const rows = await billing.ledger({ customerId: done.result, number: 0 }, 2);
      const own = rows.filter(({ customerId }) => customerId === done.result);
      assert.equal(own.length, 2, "the last word was said");
      assert.equal(await billing.customerByProviderRef(`p-${done.result}`), undefined);
    };
    for (let rounds = 0; rounds < 10; rounds++) await Promise.all([round(), round(), round(), round()]);
  },
);

onEachAndInMemory(
  "[DA37] accounts are paged by email; a search is a part of it and no pattern",
  async (stores) => {
    const mark = fresh();
    const emails = ["a_1", "a%2", "ax3"].map((name) => `${name}.${mark}@example.org`);
    for (const email of emails) await account(stores, email.toUpperCase());
    const page = async (search: string, after: string, limit: number): Promise<string[]> =>
      (await stores.register.page({ search, after, limit })).map(({ email }) => email.toLowerCase());
    const all = await page(mark, "", 10);
    assert.deepEqual(all.toSorted(), emails.toSorted());
    assert.deepEqual(await page(mark, all[0] ?? "", 1), [all[1]]);
    assert.deepEqual(await page(`a_1.${mark}`, "", 10), [emails[0]]);
    assert.deepEqual(await page(`a%2.${mark}`, "", 10), [emails[1]]);
    assert.deepEqual(await page(`\\.${mark}`, "", 10), []);
  },
);

onEachAndInMemory(
  "[DA200] a new password ends the screens of other devices with it, one that is refused ends none",
  async (stores) => {
    const { accounts, leases, register, slips } = stores;
    const [ann, bob] = [await account(stores), await account(stores)];
    const [here, there, his] = [wish(ann), wish(ann), wish(bob)];
    const [own, other, foreign] = [
      keyOf(await granted(leases, here)),
      keyOf(await granted(leases, there)),
      keyOf(await granted(leases, his)),
    ];
    const change = { accountId: ann.id, from: "not it", to: "second", keepDevice: here.deviceId };
    assert.equal(await register.changePassword(change), "changed");
    assert.notEqual(await renewed(leases, other), undefined);
    const from = (await accounts.byId(ann.id))?.passwordHash ?? "";
    const screens = [other.sessionId];
    assert.deepEqual(await register.changePassword({ ...change, from }), { ended: [], screens });
    assert.equal(await renewed(leases, other), undefined);
    assert.notEqual(await renewed(leases, own), undefined);

    const slip = { kind: "reset", accountId: ann.id, email: ann.email, facts: {}, endsAtMs: 9000 } as const;
    const slipHash = fresh();
    await slips.add(slip, slipHash, 1000);
    const reset = await register.resetPassword({ slipHash, passwordHash: "third", nowMs: 1000 });
    assert.deepEqual(reset, { accountId: ann.id, ended: [], screens: [own.sessionId] });
    assert.equal(await renewed(leases, own), undefined);
    assert.notEqual(await renewed(leases, foreign), undefined);
  },
);
