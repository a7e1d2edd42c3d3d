import assert from "node:assert/strict";
import { test } from "node:test";
import { type Attempts, admit, failed, noAttempts, succeeded, withdrawn } from "./attempts.ts";
import { cookieRules, refreshCookieRules, signInEndMs } from "./cookie.ts";
import { judgePassword, normalEmail } from "./password.ts";
import { isOutdated, phcText, readPhc } from "./phc.ts";

const email = "ada.lovelace@example.org";
const verdict = (password: string): string => judgePassword(password, email).kind;

test("[AC1] length, guessed passwords and the email's own words decide; composition does not", () => {
  assert.equal(verdict("seven77"), "refused");
  assert.equal(verdict("eight888"), "accepted");
  assert.equal(verdict("x".repeat(256)), "accepted");
  assert.equal(verdict("x".repeat(257)), "refused");
  assert.equal(verdict("PassWord"), "refused");
  assert.equal(verdict("lovelace1"), "refused");
  assert.equal(verdict("lovelacelovelace"), "refused");
  assert.equal(verdict("lovelace wrote the first program"), "accepted");
  assert.equal(verdict("correct horse battery staple"), "accepted");
});

test("[AC1] characters are counted, not UTF-16 units", () => {
  assert.equal(verdict("🎬🎬🎬🎬"), "refused");
  assert.equal(verdict("🎬🎞️📽️🍿🎥🎦🎭🎟️🎫"), "accepted");
});

test("[AC2] case and surrounding space of an email do not matter", () => {
  assert.equal(normalEmail("  Ada@Example.ORG "), "ada@example.org");
});

const limits = { failures: 3, windowMs: 1000, remembered: 2 };
const failTimes = (attempts: Attempts, account: string, ...moments: number[]): Attempts =>
  moments.reduce((state, moment) => failed(state, account, moment), attempts);

test("[AC3] the lock closes at the limit, opens when the oldest failure leaves the window, and is per account", () => {
  const twice = failTimes(noAttempts(limits), "a", 0, 100);
  assert.deepEqual(admit(twice, "a", 200), { kind: "try" });
  const thrice = failed(twice, "a", 200);
  assert.deepEqual(admit(thrice, "a", 300), { kind: "locked", retryAfterMs: 700 });
  assert.deepEqual(admit(thrice, "b", 300), { kind: "try" });
  assert.deepEqual(admit(thrice, "a", 1000), { kind: "try" });
  assert.deepEqual(admit(failed(thrice, "a", 1000), "a", 1001), { kind: "locked", retryAfterMs: 99 });
});

test("[AC3] an attempt that could not be checked is taken back, and only that one", () => {
  const thrice = failTimes(noAttempts(limits), "a", 0, 1, 2);
  assert.deepEqual(admit(withdrawn(thrice, "a", 1), "a", 3), { kind: "try" });
  assert.deepEqual(admit(failed(withdrawn(thrice, "a", 1), "a", 4), "a", 5).kind, "locked");
  assert.equal(withdrawn(thrice, "a", 9), thrice);
});

test("[AC3] a success forgets the failures", () => {
  const thrice = failTimes(noAttempts(limits), "a", 0, 1, 2);
  assert.deepEqual(admit(succeeded(thrice, "a"), "a", 3), { kind: "try" });
});

test("[AC4] no more accounts are remembered than allowed, the latest ones stay", () => {
  let attempts = noAttempts(limits);
  for (let n = 0; n < 100; n++) attempts = failed(attempts, `account-${n}`, n);
  assert.deepEqual([...attempts.failedAt.keys()], ["account-98", "account-99"]);
  attempts = failed(attempts, "account-98", 100);
  assert.deepEqual([...failed(attempts, "new", 101).failedAt.keys()], ["account-98", "new"]);
});

test("[AC5] a cookie says all four things, and Secure exactly over TLS", () => {
  const lastsMs = 30 * 86_400_000;
  const rules = cookieRules({ overTls: false, lastsMs });
  assert.deepEqual(rules, { path: "/", httpOnly: true, sameSite: "lax", secure: false, maxAge: 2_592_000 });
  assert.equal(cookieRules({ overTls: true, lastsMs }).secure, true);
  assert.equal(signInEndMs(1000, 1), 86_401_000);
});

test("[AC13] the refresh cookie goes to the API alone, and never along with another site's request", () => {
  const rules = refreshCookieRules({ overTls: true, lastsMs: 86_400_999 });
  const wanted = { path: "/v1", httpOnly: true, sameSite: "strict", secure: true, maxAge: 86_400 };
  assert.deepEqual(rules, wanted);
  assert.equal(refreshCookieRules({ overTls: false, lastsMs: -5 }).maxAge, 0);
});

test("[AC6] PHC text is read back as written, foreign text is refused", () => {
  const phc = { memoryKib: 19_456, passes: 2, lanes: 1, salt: "c2FsdHNhbHRzYWx0c2E", hash: "a".repeat(43) };
  assert.deepEqual(readPhc(phcText(phc)), phc);
  assert.equal(isOutdated(phc, { memoryKib: 19_456, passes: 2, lanes: 1 }), false);
  assert.equal(isOutdated(phc, { memoryKib: 19_456, passes: 3, lanes: 1 }), true);
  for (const text of ["", "plain", phcText(phc).replace("argon2id", "argon2i"), `${phcText(phc)}$`]) {
    assert.equal(readPhc(text), undefined);
  }
});
