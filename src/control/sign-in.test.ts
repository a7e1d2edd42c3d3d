import assert from "node:assert/strict";
import { test } from "node:test";
import { accountDesk, at, person, settings, type TestDesk } from "#test/fixtures/account-desk.ts";
import { whoIs } from "./devices.ts";
import { isPage } from "./io/pages.ts";
import { openPasswords } from "./io/passwords.ts";
import { controlMetrics } from "./metrics.ts";
import { type SignInDesk, signIn } from "./sign-in.ts";

async function deskWith(passwordHash: string): Promise<TestDesk> {
  const desk = accountDesk();
  await person(desk, "ada@x.org", { passwordHash });
  return desk;
}

test("[CO1] of a sign-in only a hash is stored, and it ends in time", async () => {
  const desk = await deskWith("hash of secret");
  const outcome = await signIn(desk, { email: " ADA@x.org", password: "secret" }, at(0));
  assert.ok(outcome.kind === "signed-in");
  const { access, endsAtMs, accessEndsAtMs } = outcome.tokens;
  assert.equal((await whoIs(desk, access, 1))?.email, "ada@x.org");
  assert.equal(await whoIs(desk, access, accessEndsAtMs), undefined);
  assert.equal(endsAtMs, settings.cookieDays * 86_400_000);
});

test("[CO21] of many guesses at the same time only as many are tried as one after another", async () => {
  const desk = await deskWith("hash of secret");
  const guesses = Array.from({ length: 20 }, (_, n) =>
    signIn(desk, { email: "ada@x.org", password: `${n}` }, at(0)),
  );
  const kinds = (await Promise.all(guesses)).map((outcome) => outcome.kind);
  assert.equal(kinds.filter((kind) => kind === "wrong").length, 3);
  assert.equal(kinds.filter((kind) => kind === "locked").length, 17);
  assert.equal((await signIn(desk, { email: "ada@x.org", password: "secret" }, at(999))).kind, "locked");
  assert.equal((await signIn(desk, { email: "ada@x.org", password: "secret" }, at(1000))).kind, "signed-in");
});

test("[CO21] a lock opens in time although the clock on the wall was put back", async () => {
  const desk = await deskWith("hash of secret");
  const hour = 3_600_000;
  for (let n = 0; n < 3; n++) await signIn(desk, { email: "ada@x.org", password: "no" }, at(n, hour));
  const outcome = await signIn(desk, { email: "ada@x.org", password: "secret" }, at(1003, 0));
  assert.equal(outcome.kind, "signed-in");
});

test("[CO21] sign-ins that could not be checked lock nobody out", async () => {
  const desk = await deskWith("hash of secret");
  const away = { ...desk.ports.passwords, check: () => Promise.reject(new Error("busy")) };
  const failing: SignInDesk = { ...desk, ports: { ...desk.ports, passwords: away } };
  for (let n = 0; n < 5; n++) {
    await assert.rejects(signIn(failing, { email: "ada@x.org", password: "secret" }, at(n)), /busy/);
  }
});

test("[CO21] a hash with old costs is made anew when its password is known", async () => {
  const desk = await deskWith("old hash of secret");
  await signIn(desk, { email: "ada@x.org", password: "secret" }, at(0));
  assert.equal((await desk.ports.stores.accounts.byEmail("ada@x.org"))?.passwordHash, "hash of secret");
});

test("[CO1] [AC7] Argon2id tells right from wrong, and an absent account from neither", async () => {
  const passwords = openPasswords(settings);
  const stored = await passwords.hash("Straße");
  assert.match(stored, /^\$argon2id\$v=19\$m=8192,t=1,p=1\$[A-Za-z0-9+/]{22}\$/);
  assert.notEqual(stored, await passwords.hash("Straße"), "another salt");
  assert.equal(await passwords.check("Straße", stored), "right");
  assert.equal(await passwords.check("Strasse", stored), "wrong");
  assert.equal(await passwords.check("Straße", undefined), "wrong");
  const dearer = openPasswords({ ...settings, argonPasses: 2 });
  assert.equal(await dearer.check("Straße", stored), "right-but-outdated");
});

test("[CO25] who finds workers and queue full is sent away, the others are served", async () => {
  const passwords = openPasswords({ ...settings, passwordWorkers: 1, passwordQueue: 2 });
  const stored = await passwords.hash("p");
  const all = await Promise.allSettled([1, 2, 3, 4, 5].map(() => passwords.check("p", stored)));
  assert.deepEqual(
    all.map((one) => (one.status === "fulfilled" ? one.value : one.reason.code)),
    ["right", "right", "right", "busy", "busy"],
  );
  assert.equal(await passwords.check("p", stored), "right");
});

test("[CO112] a flood of sign-ups fills its own queue: sign-ins are let in before it, and it is not starved either", async () => {
  const limits = {
    argonMemoryKib: 8192,
    argonPasses: 1,
    passwordWorkers: 1,
    passwordQueue: 6,
    signUpQueue: 3,
  };
  const passwords = openPasswords(limits);
  const done: string[] = [];
  const note = (name: string, work: Promise<unknown>): Promise<unknown> => work.then(() => done.push(name));
  const flood = Array.from({ length: 6 }, (_, n) => note(`up-${n}`, passwords.hash("p", "account")));
  const signIns = Array.from({ length: 6 }, (_, n) => note(`in-${n}`, passwords.check("p", undefined)));
  const settled = await Promise.allSettled([...flood, ...signIns]);
  const refused = settled.map((one) => (one.status === "rejected" ? one.reason.code : "served"));
  assert.deepEqual(refused, [...Array(4).fill("served"), "busy", "busy", ...Array(6).fill("served")]);
  assert.deepEqual(done, ["up-0", "in-0", "in-1", "in-2", "up-1", "in-3", "in-4", "in-5", "up-2", "up-3"]);
});

test("[CO23] the page's own addresses get the page, nothing else does", () => {
  const page = (url: string, method = "GET"): boolean => isPage({ url, method });
  for (const url of ["/", "/ops", "/title/film.2-abc", "/watch/x?at=3"]) assert.ok(page(url), url);
  for (const url of ["/assets/gone.js", "/favicon.ico", "/v1/nothing", "/v1", "/docs/x"])
    assert.ok(!page(url), url);
  assert.ok(!page("/ops", "POST"));
});

test("[CO24] every metric says what it is, in which unit, and under one name", () => {
  const rows = Object.values(controlMetrics);
  assert.equal(new Set(rows.map((row) => row.name)).size, rows.length);
  const ending = {
    histogram: /_(seconds|bits_per_second)$/,
    counter: /_total$/,
    gauge:
      /_(records|appliances|epoch|ratio|requests|seconds|bytes|bits_per_second|connections|files|series|copies)$/,
  };
  for (const row of rows) {
    assert.match(row.name, ending[row.kind]);
    assert.match(row.name, /^millrace_[a-z_]+$/);
    assert.ok(row.unit.length > 0);
    assert.match(row.sentence, /^[A-Z].*\.$/);
  }
});
