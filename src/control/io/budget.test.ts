import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { Fault } from "#units/fault.ts";
import { type DeadlineHeaders, deadlineHeader, deadlineHeaders, deadlineText } from "#wire/deadline.ts";
import { withinBudget, withSignal } from "./budget.ts";

/** A request that came `ageMs` ago, and its connection. */
function caller(said?: string, ageMs = 0) {
  const connection = Object.assign(new EventEmitter(), { writableFinished: false, destroyed: false });
  const headers: DeadlineHeaders = said === undefined ? {} : { [deadlineHeader]: said };
  return { request: { headers }, reply: { elapsedTime: ageMs, raw: Object(connection) }, connection };
}

const never = (): Promise<never> => new Promise(() => undefined);

/** After how long the time was over, as it is told. */
async function toldMs(asked: Promise<unknown>): Promise<unknown> {
  const reason = await asked.then(
    () => assert.fail("it was answered"),
    (error: unknown) => error,
  );
  assert.ok(reason instanceof Fault && reason.code === "stores-slow", String(reason));
  return reason.facts.budgetMs;
}

test("[CO290] the least counts: the server's time, or the caller's, from when its request came", async () => {
  assert.equal(await toldMs(withinBudget(caller(), 20, never)), 20);
  assert.equal(await toldMs(withinBudget(caller("0.02"), 60_000, never)), 20);
  assert.equal(await toldMs(withinBudget(caller("999999999999"), 20, never)), 20);
  assert.equal(await toldMs(withinBudget(caller("30", 29_990), 60_000, never)), 30_000);
});

test("[CO290] whoever comes too late is told at once, and work that looks at its signal does not begin", async () => {
  const begun = withinBudget(caller("0.5", 501), 60_000, async (signal) => {
    signal.throwIfAborted();
    assert.fail("it began");
  });
  assert.equal(await toldMs(begun), 500);
});

test("[CO290] the header is a Decimal above 0", () => {
  const reads = (text: string): boolean => deadlineHeaders.safeParse({ [deadlineHeader]: text }).success;
  for (const text of ["0.001", "1", "007", "2.5", "30.250", "999999999999"]) assert.ok(reads(text), text);
  for (const text of [
    "",
    "0",
    "0.000",
    "-1",
    "1e3",
    ".5",
    "1.",
    "0.0001",
    "5s",
    "1, 2",
    "NaN",
    "9".repeat(13),
  ])
    assert.ok(!reads(text), text);
  for (const ms of [0.2, 1, 3499.6, 10_000]) assert.ok(reads(deadlineText(ms)), `${ms}`);
  assert.equal(deadlineText(3499.6), "3.500");
});

test("[CO291] a connection that closes before the answer is out ends the work, and one that closes after it ends nothing", async () => {
  const left = caller();
  const heard = Promise.withResolvers<unknown>();
  const asked = withinBudget(left, 60_000, (signal) => {
    signal.addEventListener("abort", () => heard.resolve(signal.reason));
    return never();
  });
  left.connection.emit("close");
  await assert.rejects(asked, { code: "caller-gone" });
  assert.equal(Object(await heard.promise).code, "caller-gone");

  left.connection.destroyed = true;
  await assert.rejects(withinBudget(left, 60_000, never), { code: "caller-gone" }, "it had closed before");

  for (const isOut of [true, false]) {
    const answered = caller();
    const signal = await withSignal(answered, 60_000, async (one) => one);
    assert.equal(signal.aborted, false, "the work is done, and the answer on its way");
    answered.connection.writableFinished = isOut;
    answered.connection.emit("close");
    assert.equal(signal.aborted, !isOut);
  }
});

test("[CO291] work that fails ends what it began", async () => {
  const signals: AbortSignal[] = [];
  const failing = withinBudget(caller(), 60_000, (signal) => {
    signals.push(signal);
    return Promise.reject(new Error("no"));
  });
  await assert.rejects(failing, /no/);
  assert.equal(signals[0]?.aborted, true);
});
