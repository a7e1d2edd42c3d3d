import assert from "node:assert/strict";
import { test } from "node:test";
import { type OfflineProvider, offlineProvider, offlineTokens } from "./io/offline-provider.ts";

const { signal } = new AbortController();
const nowMs = 1_700_000_000_000;

function open(
  deliver: (rawBody: string, signature: string) => Promise<boolean> = async () => true,
): OfflineProvider {
  return offlineProvider({
    secret: "s",
    nowMs: () => nowMs,
    confirmUrl: (ref) => `/confirm/${ref}`,
    deliver,
  });
}

const order = (methodRef: string, taskId = "t1") => ({
  taskId,
  customerRef: "c",
  methodRef,
  amountMinor: 500,
  currency: "EUR",
  isPresent: true,
});

test("[AC79] only test tokens and test numbers are taken, and what was given is never repeated", async () => {
  const bank = open();
  const set = (token: string | undefined) =>
    bank.setUpMethod({ customerRef: "c", token, requestId: "r" }, signal);
  for (const token of offlineTokens) assert.deepEqual(await set(token), { kind: "ready", methodRef: token });
  assert.deepEqual(await set("4000 0025 0000 3155"), { kind: "ready", methodRef: "tok_needs_action" });
  for (const token of ["5555555555554444", "tok_", "", undefined]) {
    const answer = await set(token);
    assert.equal(answer.kind, "refused");
    assert.ok(
      token === undefined || token === "" || !JSON.stringify(answer).includes(token) || token === "tok_",
    );
  }
});

test("[AC79] the same task is charged once, its webhooks are signed, and an undelivered one comes again", async () => {
  const got: string[] = [];
  let isUp = false;
  const bank = open(async (rawBody, signature) => {
    if (!isUp) return false;
    const reading = await bank.verifyWebhook({ rawBody, signature, nowMs }, signal);
    assert.ok(reading.kind === "event" && reading.saying.kind === "charge");
    got.push(reading.saying.answer.charge.outcome);
    assert.equal(
      (await bank.verifyWebhook({ rawBody: `${rawBody} `, signature, nowMs }, signal)).kind,
      "forged",
    );
    return true;
  });
  await bank.charge(order("tok_good"), signal);
  await bank.charge(order("tok_good"), signal);
  assert.equal(bank.balance(), 500);
  assert.equal(await bank.pump(), 0);
  isUp = true;
  assert.equal(await bank.pump(), 1);
  assert.deepEqual(got, ["succeeded"]);
  assert.equal(await bank.pump(), 0);
});

test("[AC79] a timeout says nothing; the look-up then says what came of it, and nothing of what was never asked", async () => {
  const bank = open();
  for (const [token, end] of [
    ["tok_timeout_success", "succeeded"],
    ["tok_timeout_failure", "failed"],
  ] as const) {
    await assert.rejects(bank.charge(order(token, token), signal), /in time/);
    const found = await bank.lookUpCharge({ ...order(token, token), providerRef: undefined }, signal);
    assert.equal(found === "not-found" ? found : found.charge.outcome, end);
  }
  assert.equal(
    await bank.lookUpCharge({ ...order("tok_good", "never"), providerRef: undefined }, signal),
    "not-found",
  );
});

test("[AC79] no more is given back than was taken, and the same refund once", async () => {
  const bank = open();
  await bank.charge(order("tok_good"), signal);
  const back = { taskId: "r1", chargeTaskId: "t1", chargeRef: undefined, amountMinor: 300 };
  assert.equal((await bank.refund(back, signal)).charge?.refundedMinor, 300);
  assert.equal((await bank.refund(back, signal)).charge?.refundedMinor, 300);
  assert.equal((await bank.refund({ ...back, taskId: "r2" }, signal)).kind, "failed");
  assert.equal(bank.balance(), 200);
});
