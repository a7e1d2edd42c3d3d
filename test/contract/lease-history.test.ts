// Screens under a crowd: the history of what happened is checked afterwards, and the checker is checked by mistakes.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { runCrowd } from "#test/fixtures/lease-clients.ts";
import { check, type Findings, type HistoryEntry } from "#test/fixtures/lease-history.ts";
import { type Mistake, mistakes, plainLeases, type TimedLeases, timed } from "#test/fixtures/timed-leases.ts";
import { onBoth, type SqlRig } from "./lease-rig.ts";
import { fresh } from "./stores-builders.ts";

const long = process.env.MILLRACE_TEST_LONG === "1";
const term = { ttlMs: 150, graceMs: 0 };
const screens = 4;
const clients = 16;

async function crowdOn(
  rig: SqlRig,
  leases: TimedLeases,
  done: (history: readonly HistoryEntry[]) => boolean,
): Promise<Findings> {
  const seed = Number(process.env.MILLRACE_TEST_SEED ?? randomInt(1 << 20));
  const accounts = [await owner(rig), await owner(rig)];
  const history = await runCrowd({ leases, accounts, clients, term, seed, mark: fresh(), done });
  const findings = check(history, { screens, graceMs: term.graceMs });
  return { ...findings, violations: findings.violations.map((text) => `${text} (seed ${seed})`) };
}

async function owner({ accounts }: SqlRig): Promise<string> {
  const entitlement = { standing: "good", screens, maxHeight: 2160 } as const;
  const order = { email: `${fresh()}@x.org`, passwordHash: "x", role: "viewer", profileName: "B" } as const;
  const made = await accounts.create({ ...order, entitlement });
  assert.ok(made !== "email-taken");
  return made.id;
}

/** Enough when so many screens were granted, or, in a long run, after so many seconds. */
function enough(grants: number, longSeconds: number): (history: readonly HistoryEntry[]) => boolean {
  if (!long) return (history) => history.filter((entry) => entry.step === "granted").length >= grants;
  const until = performance.now() + longSeconds * 1000;
  return () => performance.now() > until;
}

function told(title: string, { grants, renewals, lost, overlap, violations }: Findings): void {
  if (!long) return;
  const figures = `${grants} grants, ${renewals} renewals, ${lost} LOST, at most ${overlap} of ${screens} at once`;
  process.stdout.write(`# ${title}: ${figures}, ${violations.length} violations\n`);
}

onBoth("[DA61] a crowd of sixteen never holds more screens than there are", async (rig) => {
  const make: Parameters<typeof timed>[0] = (observe) => rig.open({ observe });
  for (const round of long ? [1, 2] : [1]) {
    const findings = await crowdOn(rig, timed(make, term), enough(40, 20));
    told(`store, round ${round}`, findings);
    assert.deepEqual(findings.violations, []);
    assert.equal(findings.overlap, screens, "the crowd wanted more than there was");
    assert.ok(findings.lost > 0, "some slept too long");
  }
});

/** Until the checker finds fault, at most so many screens later. */
const caught = (history: readonly HistoryEntry[]): boolean => {
  const grants = history.filter((entry) => entry.step === "granted").length;
  const enough = grants > 2000 || check(history, { screens, graceMs: term.graceMs }).violations.length > 0;
  return enough;
};

const isReal = (mistake: Mistake): boolean => mistake !== "none";

for (const mistake of ["none", ...mistakes] as const) {
  onBoth(`[DA61] the checker on plain statements, with the mistake: ${mistake}`, async (rig) => {
    const leases = plainLeases(rig.database, term, mistake);
    const short = isReal(mistake) ? caught : enough(40, 5);
    const fiveSeconds = enough(0, 5);
    const longer = isReal(mistake)
      ? (so: readonly HistoryEntry[]) => fiveSeconds(so) && caught(so)
      : fiveSeconds;
    const findings = await crowdOn(rig, leases, long ? longer : short);
    told(`plain, mistake: ${mistake}`, findings);
    assert.equal(findings.violations.length > 0, isReal(mistake), findings.violations.join("\n"));
  });
}

test("[DA61] the checker: what overlaps, falls back, or comes back from the dead", () => {
  const bounds = { screens: 1, graceMs: 10 };
  const on = (session: string, process: number) => ({ account: "a", session, process });
  const granted = (session: string, generation: number, atMs: number, endsAtMs: number): HistoryEntry => ({
    ...on(session, generation),
    step: "granted",
    generation,
    atMs,
    endsAtMs,
  });
  const of = (...history: HistoryEntry[]): readonly string[] => check(history, bounds).violations;
  assert.deepEqual(of(granted("s1", 1, 0, 50), granted("s2", 2, 60, 90)), []);
  assert.deepEqual(of(granted("s1", 1, 0, 50), granted("s2", 2, 59, 90)), ["a: 2 leases of 1 at 59"]);
  const released: HistoryEntry = { ...on("s1", 1), step: "ended", generation: 1, atMs: 20 };
  assert.deepEqual(of(granted("s1", 1, 0, 50), released, granted("s2", 2, 20, 90)), []);
  assert.deepEqual(of(granted("s1", 2, 0, 5), granted("s2", 2, 20, 90)), [
    "a: s2 got generation 2 after s1 got 2",
  ]);
  const asked: HistoryEntry = { ...on("s1", 1), step: "invoke", call: "renew" };
  const renewed: HistoryEntry = { ...on("s1", 1), step: "renewed", generation: 1, atMs: 30, endsAtMs: 80 };
  const lost: HistoryEntry = { ...on("s1", 1), step: "lost", generation: 1 };
  assert.deepEqual(of(granted("s1", 1, 0, 50), asked, renewed, lost), []);
  assert.deepEqual(of(granted("s1", 1, 0, 50), lost, asked, renewed), ["s1 was renewed after it had ended"]);
  const late: HistoryEntry = { ...renewed, atMs: 70, endsAtMs: 99 };
  assert.deepEqual(of(granted("s1", 1, 0, 50), granted("s2", 2, 60, 75), asked, late), [
    "a: 2 leases of 1 at 70",
  ]);
});

test("[DA61] the checker: an end whose answer never came may have happened, and a renewal proves that it had not", () => {
  const bounds = { screens: 1, graceMs: 0 };
  const first = { account: "a", session: "s1", process: 1 };
  const granted: HistoryEntry = { ...first, step: "granted", generation: 1, atMs: 0, endsAtMs: 50 };
  const renewed: HistoryEntry = { ...first, step: "renewed", generation: 1, atMs: 30, endsAtMs: 80 };
  const asked: HistoryEntry = { ...first, step: "invoke", call: "release" };
  const unknown: HistoryEntry = { ...first, step: "unknown", call: "release" };
  const nothing: HistoryEntry = { ...first, step: "nothing" };
  const otherAt = (atMs: number): HistoryEntry => {
    const times = { atMs, endsAtMs: atMs + 50 };
    return { account: "a", session: "s2", process: 2, step: "granted", generation: 2, ...times };
  };
  const of = (...history: HistoryEntry[]): readonly string[] => check(history, bounds).violations;
  assert.deepEqual(of(granted, asked, otherAt(20)), []);
  assert.deepEqual(of(granted, asked, unknown, otherAt(20)), []);
  assert.deepEqual(of(granted, renewed, asked, otherAt(40)), []);
  assert.deepEqual(of(granted, asked, nothing, otherAt(20)), ["a: 2 leases of 1 at 20"]);
  assert.deepEqual(of(granted, { ...asked, call: "renew" }, otherAt(20)), ["a: 2 leases of 1 at 20"]);
  assert.deepEqual(of(granted, renewed, asked, otherAt(20)), ["a: 2 leases of 1 at 20"]);
});
