import assert from "node:assert/strict";
import { test } from "node:test";
import {
  basic,
  dayMs,
  failed,
  Life,
  paidLife,
  premium,
  standard,
  start,
  succeeded,
  terms,
} from "#test/fixtures/billing-facts.ts";
import { boundary } from "./plan-calendar.ts";
import { unusedPart } from "./proration-share.ts";
import { entitlementOf } from "./subscription-state.ts";
import { dueAt } from "./subscription-time.ts";

const plays = (life: Life) => (life.state === undefined ? undefined : entitlementOf(life.state));

test("[AC68] a trial, then the first period; unpaid it is asked for after 1, 3, 5 and 7 days, then suspended, then over", () => {
  const life = new Life();
  assert.equal(life.happens({ kind: "subscribe", terms: standard, trialDays: 14 }), "trial");
  assert.equal(life.charges.length, 0);
  assert.equal(life.tick(13.9), "trial");
  assert.equal(life.tick(0.1), "past-due");
  const days: number[] = [];
  for (let day = 0; day <= 8; day += 0.5) {
    const before = life.charges.length;
    life.tick(day === 0 ? 0 : 0.5);
    if (life.charges.length > before) days.push(day);
    if (life.state?.status === "past-due") life.told(failed);
  }
  assert.deepEqual(days, [1, 3, 5, 7]);
  assert.equal(life.state?.status, "suspended");
  assert.deepEqual(plays(life), { standing: "suspended", screens: 0, maxHeight: 0 });
  assert.equal(life.tick(29), "suspended");
  assert.equal(life.tick(2), "cancelled");
  assert.equal(life.state?.invoices[0]?.isVoid, true);
  assert.equal(life.charges.length, 5);
});

test("[AC68] without a trial nothing plays before it is paid, and what nobody completed is given up after 23 hours", () => {
  const life = new Life();
  assert.equal(life.happens({ kind: "subscribe", terms: standard, trialDays: 0 }), "incomplete");
  assert.equal(plays(life)?.standing, "none");
  assert.equal(life.told(failed), "incomplete");
  assert.equal(life.happens({ kind: "resume" }), "incomplete");
  assert.equal(life.told(succeeded), "active");
  assert.deepEqual(plays(life), { standing: "good", screens: 2, maxHeight: 1080 });
  const other = new Life();
  other.happens({ kind: "subscribe", terms: standard, trialDays: 0 });
  assert.equal(other.tick(22.9 / 24), "incomplete");
  assert.equal(other.tick(0.2 / 24), "cancelled");
});

test("[AC68] who pays after a suspension gets a whole period from then on", () => {
  const life = paidLife();
  life.tick(28);
  while (life.state?.status === "past-due") {
    life.told(failed);
    life.tick(1);
  }
  assert.equal(life.state?.status, "suspended");
  assert.equal(life.happens({ kind: "resume" }), "suspended");
  assert.equal(life.told(succeeded), "active");
  life.tick();
  assert.equal(life.state?.startMs, life.now);
  assert.equal(life.state?.endMs, boundary(life.now, "month", 1));
});

test("[AC69] a payment whose outcome is not known is not asked for again, however long", () => {
  const life = paidLife();
  life.tick(28);
  const asked = life.charges.length;
  for (let day = 0; day < 60; day++) life.tick(1);
  assert.equal(life.charges.length, asked);
  assert.equal(life.happens({ kind: "resume" }), "not-subscribed");
  const again = paidLife();
  again.tick(28);
  assert.equal(again.happens({ kind: "resume" }), "payment-under-way");
});

test("[AC70] a cancellation takes hold at the period's end and can be taken back; what is not paid ends at once", () => {
  const life = paidLife();
  life.happens({ kind: "cancel" });
  assert.equal(life.tick(27), "active");
  life.happens({ kind: "resume" });
  assert.equal(life.tick(1), "past-due");
  assert.equal(life.happens({ kind: "cancel" }), "cancelled");
  assert.equal(life.happens({ kind: "cancel" }), "not-subscribed");
  const other = paidLife();
  other.happens({ kind: "cancel" });
  assert.equal(other.tick(28), "cancelled");
  assert.equal(other.charges.length, 1);
  assert.equal(
    other.happens({ kind: "subscribe", terms: basic, trialDays: 14 }),
    "incomplete",
    "one trial per customer",
  );
  assert.equal(other.happens({ kind: "subscribe", terms: basic, trialDays: 14 }), "already-subscribed");
});

test("[AC71] up: at once, once its difference for the rest of the period is paid", () => {
  const life = paidLife();
  life.tick(10);
  life.happens({ kind: "change", terms: premium });
  assert.equal(plays(life)?.screens, 2, "not before it is paid");
  assert.equal(life.happens({ kind: "change", terms: premium }), "payment-under-way");
  const span = { startMs: start, endMs: boundary(start, "month", 1) };
  const expected = unusedPart(1499, span, life.now) - unusedPart(999, span, life.now);
  assert.equal(life.charges.at(-1)?.amountMinor, expected);
  life.told(succeeded);
  assert.equal(plays(life)?.screens, 4);
  life.tick(18);
  assert.equal(life.charges.at(-1)?.amountMinor, 1499);
});

test("[AC71] an upgrade that is not paid is dropped, and the plan stays", () => {
  const life = paidLife();
  life.happens({ kind: "change", terms: premium });
  life.told(failed);
  assert.equal(life.tick(2), "active");
  assert.equal(life.state?.invoices.at(-1)?.isVoid, true);
  assert.equal(plays(life)?.screens, 2);
  life.tick(26);
  assert.equal(life.charges.at(-1)?.amountMinor, 999);
});

test("[AC71] down, and to another length: at the period's end", () => {
  const life = paidLife();
  const yearly = terms("basic", 4990, { period: "year" });
  life.happens({ kind: "change", terms: basic });
  assert.equal(plays(life)?.screens, 2);
  life.happens({ kind: "change", terms: yearly });
  assert.equal(life.charges.length, 1);
  life.tick(28);
  assert.equal(life.charges.at(-1)?.amountMinor, 4990);
  life.told(succeeded);
  assert.equal(life.state?.endMs, boundary(boundary(start, "month", 1), "year", 1));
  assert.equal(plays(life)?.screens, 1);
  assert.equal(
    life.happens({ kind: "change", terms: terms("basic", 1, { currency: "USD" }) }),
    "other-currency",
  );
});

test("[AC72] a subscriber keeps the price agreed until told, and for the periods that begin after the notice", () => {
  const life = paidLife();
  const dearer = terms("standard", 1299, { version: 2 });
  life.tick(28);
  assert.equal(life.charges.at(-1)?.amountMinor, 999);
  life.told(succeeded);
  life.facts = { ...life.facts, told: { terms: dearer, fromMs: life.now + 40 * dayMs } };
  life.tick(31);
  assert.equal(life.charges.at(-1)?.amountMinor, 999, "the notice runs");
  life.told(succeeded);
  life.tick(31);
  assert.equal(life.charges.at(-1)?.amountMinor, 1299);
});

test("[AC73] after an outage of three months the running period is charged, and the missed ones never are", () => {
  const life = paidLife();
  life.tick(100);
  assert.equal(life.charges.length, 2);
  const [first, second] = life.state?.invoices ?? [];
  assert.equal(first?.key, "1.0");
  assert.equal(second?.key, "1.3");
  assert.ok(second !== undefined && second.startMs <= life.now && life.now < second.endMs);
  assert.equal(second?.startMs, boundary(start, "month", 3));
  life.told(succeeded);
  for (let n = 0; n < 5; n++) life.tick();
  assert.equal(life.charges.length, 2);
});

test("[AC74] a clock that was set back undoes nothing and charges nothing", () => {
  const life = paidLife();
  life.tick(28);
  life.told(succeeded);
  const before = JSON.stringify(life.state);
  for (const days of [-20, -300, 305, 10, -1, 3]) life.tick(days);
  assert.equal(JSON.stringify(life.state), before);
  assert.equal(life.charges.length, 2);
  assert.equal(life.state === undefined ? 0 : dueAt(life.state, life.facts.rules), life.state?.endMs);
});

test("[AC75] a dispute suspends; won it is as before; lost, or all given back, it is over", () => {
  const open = { ...succeeded, dispute: "open", disputedMinor: 999 } as const;
  const won = paidLife();
  assert.equal(won.told(open), "suspended");
  assert.equal(plays(won)?.standing, "suspended");
  assert.equal(won.told({ ...open, dispute: "won" }), "active");
  assert.equal(won.told(open), "active", "an old saying");
  const lost = paidLife();
  assert.equal(lost.told({ ...open, dispute: "lost" }), "cancelled");
  const part = paidLife();
  const key = part.state?.invoices[0]?.key ?? "";
  assert.equal(part.happens({ kind: "refund", invoiceKey: key, amountMinor: 400 }), "active");
  assert.equal(part.happens({ kind: "refund", invoiceKey: key, amountMinor: 600 }), "too-much");
  assert.equal(part.told({ ...succeeded, refundedMinor: 400 }), "active");
  part.happens({ kind: "refund", invoiceKey: key, amountMinor: 599 });
  assert.equal(part.told({ ...succeeded, refundedMinor: 999 }), "cancelled");
  assert.deepEqual(
    part.commands.flatMap((command) => (command.kind === "refund" ? [command.amountMinor] : [])),
    [400, 599],
  );
});

test("[AC67] while a dearer plan is not paid yet, the cheaper one that was paid last is what plays", () => {
  const life = paidLife(basic);
  life.happens({ kind: "change", terms: terms("premium", 14_990, { period: "year" }) });
  assert.equal(life.tick(28), "past-due");
  assert.deepEqual(plays(life), { standing: "good", screens: 1, maxHeight: 540 });
  life.told(succeeded);
  assert.equal(plays(life)?.screens, 4);
});

test("[AC77] money that comes for an invoice nobody owes any more goes back by itself, once", () => {
  const life = paidLife();
  life.tick(28);
  life.happens({ kind: "cancel" });
  life.told(succeeded);
  assert.equal(life.tick(), "cancelled");
  life.told(succeeded);
  life.tick();
  const refunds = life.commands.filter(({ kind }) => kind === "refund");
  assert.deepEqual(
    refunds.map((one) => (one.kind === "refund" ? one.amountMinor : 0)),
    [999],
  );
  assert.equal(creditOf(life), 999, "until it went back it is the customer's");
  life.told({ ...succeeded, refundedMinor: 999 });
  assert.equal(creditOf(life), 0);
});

function creditOf(life: Life): number {
  return life.commands.reduce(
    (credit, command) => (command.kind === "post" ? credit - command.posting.amounts.credits : credit),
    0,
  );
}
