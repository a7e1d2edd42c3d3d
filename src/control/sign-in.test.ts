import assert from "node:assert/strict";
import { test } from "node:test";
import { noAttempts } from "#account/attempts.ts";
import { defaultsOf } from "#config/setting.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";
import { milliseconds } from "#units/quantity.ts";
import type { Moment } from "./fleet.ts";
import { isPage } from "./io/pages.ts";
import { openPasswords } from "./io/passwords.ts";
import { controlMetrics } from "./metrics.ts";
import type { Passwords } from "./ports.ts";
import { controlSettings } from "./settings.ts";
import { type SignInDesk, signIn, whoIs } from "./sign-in.ts";

const settings = { ...defaultsOf(controlSettings), argonMemoryKib: 8192, argonPasses: 1 };
const plain: Passwords = {
  hash: async (password) => `hash of ${password}`,
  check: async (password, stored) => {
    if (stored === `old hash of ${password}`) return "right-but-outdated";
    return stored === `hash of ${password}` ? "right" : "wrong";
  },
};

const at = (ms: number, wallMs = ms): Moment => ({ monoMs: milliseconds(ms), wallMs: milliseconds(wallMs) });

async function deskWith(passwordHash: string): Promise<SignInDesk> {
  const stores = memoryStores();
  await stores.accounts.create({ email: "ada@x.org", passwordHash, role: "viewer", profileName: "Ada" });
  let tokens = 0;
  const chance = { newId: () => "id", newToken: () => `token-${++tokens}` };
  const ports = { stores, passwords: plain, chance, digest: (text: string) => `digest of ${text}`, settings };
  return { ports, attempts: noAttempts({ failures: 3, windowMs: 1000, remembered: 10 }) };
}

test("[CO1] a cookie's token is stored as its digest only, and ends in time", async () => {
  const desk = await deskWith("hash of secret");
  const outcome = await signIn(desk, { email: " ADA@x.org", password: "secret" }, at(0));
  assert.equal(outcome.kind, "signed-in");
  assert.equal((await whoIs(desk.ports, "token-1", 1))?.email, "ada@x.org");
  assert.equal(await desk.ports.stores.accounts.byCookie("token-1", 1), undefined);
  assert.equal(await whoIs(desk.ports, "token-1", settings.cookieDays * 86_400_000), undefined);
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
  const failing: SignInDesk = { ports: { ...desk.ports, passwords: away }, attempts: desk.attempts };
  for (let n = 0; n < 5; n++) {
    await assert.rejects(signIn(failing, { email: "ada@x.org", password: "secret" }, at(n)), /busy/);
  }
});

test("[CO21] a hash with old costs is made anew when its password is known", async () => {
  const desk = await deskWith("old hash of secret");
  await signIn(desk, { email: "ada@x.org", password: "secret" }, at(0));
  assert.equal((await desk.ports.stores.accounts.byEmail("ada@x.org"))?.passwordHash, "hash of secret");
});

test("[CO1] Argon2id tells right from wrong, and an absent account from neither", async () => {
  const passwords = openPasswords(settings);
  const stored = await passwords.hash("Straße");
  assert.match(stored, /^\$argon2id\$v=19\$m=8192,t=1,p=1\$/);
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
    gauge: /_(records|appliances|epoch|ratio|requests|seconds)$/,
  };
  for (const row of rows) {
    assert.match(row.name, ending[row.kind]);
    assert.match(row.name, /^millrace_[a-z_]+$/);
    assert.ok(row.unit.length > 0);
    assert.match(row.sentence, /^[A-Z].*\.$/);
  }
});
