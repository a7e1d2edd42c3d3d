import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ChargeState, Invoice, LedgerAmounts, Subscription } from "#model/billing.ts";
import { basic, dayMs, Life, premium, standard, terms } from "#test/fixtures/billing-facts.ts";
import { seededRandom } from "#units/random.ts";
import { joined, nothingKnown } from "./charge-state.ts";
import { dueOf, imbalance, ledgerAccounts, noAmounts, standing, sum } from "./ledger-posting.ts";
import type { SubscriptionEvent } from "./subscription-machine.ts";
import { entitlementOf } from "./subscription-state.ts";
import { dueAt } from "./subscription-time.ts";

const runs = { seed: 65, numRuns: 400 };
const statuses = new Set(["incomplete", "trial", "active", "past-due", "suspended", "cancelled"]);
const yearly = terms("premium", 14_990, { period: "year" });
const free = terms("basic", 0);

const state: fc.Arbitrary<ChargeState> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("succeeded", "failed", "failed", "needs-action", "unknown").map(plain),
  },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: -5, max: 2000 })
      .map((refundedMinor) => ({ ...plain("succeeded"), refundedMinor })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("open", "won", "lost"), fc.integer({ min: -5, max: 2000 }))
      .map(([dispute, disputedMinor]) => ({ ...plain("succeeded"), dispute, disputedMinor })),
  },
);

function plain(outcome: ChargeState["outcome"]): ChargeState {
  return { ...nothingKnown, outcome };
}

type Happening =
  | { readonly kind: "wish"; readonly event: SubscriptionEvent }
  | { readonly kind: "saying"; readonly which: number; readonly told: ChargeState }
  | { readonly kind: "time"; readonly days: number }
  | { readonly kind: "refund"; readonly which: number; readonly amountMinor: number };

const plan = fc.constantFrom(basic, standard, premium, yearly, free);
const wish: fc.Arbitrary<SubscriptionEvent> = fc.oneof(
  fc.record({ kind: fc.constant("subscribe" as const), terms: plan, trialDays: fc.constantFrom(0, 14) }),
  fc.record({ kind: fc.constant("change" as const), terms: plan }),
  fc.record({ kind: fc.constantFrom("cancel" as const, "resume" as const, "tick" as const) }),
);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 3, arbitrary: wish.map((event): Happening => ({ kind: "wish", event })) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("saying" as const), which: fc.nat(3), told: state }),
  },
  {
    weight: 5,
    arbitrary: fc.constantFrom(0.5, 1, 2, 8, 31, -3).map((days): Happening => ({ kind: "time", days })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("refund" as const),
      which: fc.nat(3),
      amountMinor: fc.integer({ min: 1, max: 1500 }),
    }),
  },
);
const begun: fc.Arbitrary<Happening> = fc
  .record({ kind: fc.constant("subscribe" as const), terms: plan, trialDays: fc.constantFrom(0, 14) })
  .map((event) => ({ kind: "wish", event }));
const story: fc.Arbitrary<readonly Happening[]> = fc
  .tuple(begun, fc.array(happening, { minLength: 5, maxLength: 60 }))
  .map(([first, rest]) => [first, ...rest]);

/** What was really said about each charge, kept beside the machine. */
type Truth = Map<string, ChargeState>;

function play(life: Life, happenings: readonly Happening[], truth: Truth, after: () => void): void {
  for (const one of happenings) {
    if (one.kind === "wish") life.happens(one.event);
    if (one.kind === "time") life.tick(one.days);
    if (one.kind === "saying") say(life, one, truth);
    if (one.kind === "refund") {
      const invoiceKey = life.state?.invoices.at(-1 - one.which)?.key ?? "";
      life.happens({ kind: "refund", invoiceKey, amountMinor: one.amountMinor });
    }
    after();
  }
}

function say(
  life: Life,
  { which, told }: { readonly which: number; readonly told: ChargeState },
  truth: Truth,
): void {
  const charge = life.charges.at(-1 - which);
  if (charge === undefined) return;
  const { invoiceKey, number } = charge;
  const id = `${invoiceKey} ${number}`;
  truth.set(id, joined(truth.get(id) ?? nothingKnown, told));
  life.happens({ kind: "charge", invoiceKey, number, told });
}

/** By the truth alone: paid, and neither given back nor taken away. */
function isPaid(invoice: Invoice, truth: Truth): boolean {
  if (dueOf(invoice) === 0) return !invoice.isVoid;
  const known = invoice.attempts.map(({ number }) => truth.get(`${invoice.key} ${number}`) ?? nothingKnown);
  const isAway = known.some(({ dispute }) => dispute === "open" || dispute === "lost");
  const back = known.reduce((total, { refundedMinor }) => total + refundedMinor, 0);
  const came = known.some(
    (one) => one.outcome === "succeeded" || one.refundedMinor > 0 || one.dispute !== "none",
  );
  return came && !isAway && back < dueOf(invoice) && !invoice.isVoid;
}

test("[AC65] no sequence of events leaves the machine in an unlisted state", () => {
  fc.assert(
    fc.property(story, (happenings) => {
      const life = new Life();
      play(life, happenings, new Map(), () => {
        if (life.state === undefined) return;
        assert.ok(statuses.has(life.state.status), life.state.status);
        assert.ok(life.state.startMs <= life.state.endMs);
        assert.ok(life.state.invoices.length <= 24);
        const keys = life.state.invoices.map(({ key }) => key);
        assert.equal(new Set(keys).size, keys.length, "an invoice of its kind is made once");
      });
    }),
    runs,
  );
});

test("[AC84] once time has passed, nothing more is due at that moment: the renewal job comes to rest", () => {
  fc.assert(
    fc.property(story, (happenings) => {
      const life = new Life();
      play(life, happenings, new Map(), () => {
        const calm = new Life();
        Object.assign(calm, { state: life.state, now: life.now });
        calm.tick();
        const due = calm.state === undefined ? undefined : dueAt(calm.state, calm.facts.rules);
        assert.ok(
          due === undefined || due > calm.now,
          `${calm.state?.status} is due at ${due}, now ${calm.now}`,
        );
        const before = JSON.stringify(calm.state);
        calm.tick();
        assert.equal(JSON.stringify(calm.state), before);
      });
    }),
    runs,
  );
});

test("[AC67] nobody may do more than was paid or is tried out, and who is suspended plays nothing", () => {
  let played = 0;
  let owing = 0;
  fc.assert(
    fc.property(story, (happenings) => {
      const life = new Life();
      const truth: Truth = new Map();
      const tried = new Map<number, number>();
      play(life, happenings, truth, () => {
        const { state: now } = life;
        if (now === undefined) return;
        const allowed = entitlementOf(now);
        if (now.status === "trial") {
          tried.set(now.life, Math.max(tried.get(now.life) ?? 0, now.terms.screens));
        }
        if (now.status !== "trial" && now.status !== "active" && now.status !== "past-due") {
          assert.notEqual(allowed.standing, "good");
          assert.equal(allowed.screens, 0);
          return;
        }
        played += 1;
        if (now.status === "past-due") owing += 1;
        const most = Math.max(tried.get(now.life) ?? 0, mostPaid(now, truth));
        assert.ok(allowed.screens <= most, `${now.status}: ${JSON.stringify(allowed)}`);
      });
    }),
    runs,
  );
  assert.ok(played > 300 && owing > 100, `only ${played} and ${owing} moments were looked at`);
});

function mostPaid(now: Subscription, truth: Truth): number {
  const paid = now.invoices.filter((invoice) => invoice.life === now.life && isPaid(invoice, truth));
  return Math.max(0, ...paid.map((invoice) => invoice.terms.screens));
}

test("[AC66] what a provider says twice, late or out of order ends in the same state and the same books", () => {
  let compared = 0;
  const sayings = fc.array(fc.record({ which: fc.nat(5), told: state }), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(story, sayings, fc.integer(), (happenings, told, seed) => {
      const random = seededRandom(seed);
      const ends = [false, true].map((isShuffled) => {
        const life = new Life();
        play(life, happenings, new Map(), () => undefined);
        const before = life.charges.length;
        const once = told.map((one) => ({ ...one, which: one.which % Math.max(1, before) }));
        const order = isShuffled ? shuffled([...once, ...once.slice(0, 3)], random.next) : once;
        for (const one of order) say(life, one, new Map());
        if (before > 0) compared += 1;
        return {
          state: life.state,
          books: booksOf(life),
          entitlement: life.state && entitlementOf(life.state),
        };
      });
      assert.deepEqual(ends[0], ends[1]);
    }),
    runs,
  );
  assert.ok(compared > 100, `only ${compared} were compared`);
});

function shuffled<T>(items: readonly T[], next: () => number): readonly T[] {
  return items
    .map((item) => ({ item, place: next() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

function booksOf(life: Life): LedgerAmounts {
  return life.commands.reduce(
    (total, command) => (command.kind === "post" ? sum(total, command.posting.amounts) : total),
    noAmounts,
  );
}

test("[AC64] sayings about a charge join: in any order, any number of times, to the same", () => {
  fc.assert(
    fc.property(state, state, state, (a, b, c) => {
      assert.deepEqual(joined(a, b), joined(b, a));
      assert.deepEqual(joined(joined(a, b), c), joined(a, joined(b, c)));
      assert.deepEqual(joined(a, a), a);
    }),
    runs,
  );
});

test("[AC76] every posting balances in whole units, and the books are what the invoices mean, at every moment", () => {
  fc.assert(
    fc.property(story, (happenings) => {
      const life = new Life();
      const invoices = new Map<string, Invoice>();
      play(life, happenings, new Map(), () => {
        for (const invoice of life.state?.invoices ?? []) invoices.set(invoice.key, invoice);
        const books = booksOf(life);
        assert.deepEqual(books, [...invoices.values()].map(standing).reduce(sum, noAmounts));
        assert.equal(imbalance(books), 0);
        assert.equal(
          books.receivable,
          [...invoices.values()].reduce((all, one) => all + owedFor(one), 0),
        );
        const unearned = [...invoices.values()].filter((one) => !one.isVoid && !one.isEarned);
        assert.equal(
          0 - books.deferred,
          unearned.reduce((net, one) => net + one.grossMinor - one.taxMinor, 0),
        );
      });
      for (const command of life.commands) {
        if (command.kind !== "post") continue;
        assert.equal(imbalance(command.posting.amounts), 0);
        assert.ok(ledgerAccounts.every((account) => Number.isSafeInteger(command.posting.amounts[account])));
      }
    }),
    runs,
  );
});

/** By the invoice's facts: what is not paid yet, and what a dispute took away for now. */
function owedFor(invoice: Invoice): number {
  const disputed = invoice.attempts
    .filter(({ charge }) => charge.dispute === "open")
    .reduce((all, { charge }) => all + charge.disputedMinor, 0);
  const isPaid = invoice.attempts.some(({ charge }) => charge.outcome === "succeeded");
  return disputed + (invoice.isVoid || isPaid ? 0 : dueOf(invoice));
}

test("[AC76] revenue is earned when its time is over, credit pays first, and a lost dispute is ours to bear", () => {
  const life = new Life();
  life.facts = { ...life.facts, creditMinor: 300 };
  life.happens({ kind: "subscribe", terms: terms("standard", 1190), trialDays: 0 });
  assert.equal(life.charges[0]?.amountMinor, 890);
  life.told({ ...nothingKnown, outcome: "succeeded" });
  assert.deepEqual(booksOf(life), { ...noAmounts, cash: 890, credits: 300, deferred: -1000, tax: -190 });
  life.facts = { ...life.facts, creditMinor: 0 };
  life.now += 28 * dayMs;
  life.happens({ kind: "cancel" });
  life.tick();
  assert.deepEqual(booksOf(life), { ...noAmounts, cash: 890, credits: 300, revenue: -1000, tax: -190 });
  life.told({ ...nothingKnown, outcome: "succeeded", dispute: "lost", disputedMinor: 890 });
  assert.deepEqual(booksOf(life), { ...noAmounts, credits: 300, revenue: -1000, tax: -48, refunds: 748 });
});
