// What the use-cases of screens decide, without a server.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { defaultsOf } from "#config/setting.ts";
import { mostDenials } from "#model/denial.ts";
import { unsold } from "#model/entitlement.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";
import { denied, evicted } from "./denials.ts";
import { mayPlay } from "./may-play.ts";
import { pathsEndMs, takeScreen, termsOf } from "./screens.ts";
import { controlSettings } from "./settings.ts";

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

test("[CO174] only good standing plays, a profile sees nothing above its age, and the plan says how high", () => {
  const viewer = { entitlement: { ...unsold, maxHeight: 1080 }, maturity: 12 };
  const title = { id: "film", maturity: 12 };
  assert.deepEqual(mayPlay(viewer, title), { kind: "may", maxHeight: 1080 });
  assert.deepEqual(mayPlay(viewer, { id: "unrated" }), { kind: "may", maxHeight: 1080 });
  assert.deepEqual(mayPlay(viewer, { id: "film", maturity: 16 }), { kind: "too-young", maturity: 16 });
  const unpaid = { ...viewer, entitlement: { ...unsold, standing: "suspended" as const } };
  assert.deepEqual(mayPlay(unpaid, title), { kind: "suspended" });
});

test("[CO160] beats are spread over a fifth to both sides, by session and by beat, and paths never end after lease and grace", () => {
  const settings = defaultsOf(controlSettings);
  fc.assert(
    fc.property(
      fc.uuid(),
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: 0, max: 45_000 }),
      (sessionId, salt, leftMs) => {
        const { renewAfterMs, ttlMs } = termsOf(
          { digest, settings },
          { sessionId, generation: 1, leftMs },
          salt,
        );
        assert.ok(renewAfterMs >= 8000 && renewAfterMs <= 12_000, `${renewAfterMs}`);
        assert.equal(ttlMs, leftMs);
        assert.equal(pathsEndMs({ leftMs }, 1000, 15_000), 1000 + leftMs + 15_000);
      },
    ),
    { numRuns: 200, seed: 160 },
  );
  const spread = Array.from(
    { length: 200 },
    (_, n) =>
      termsOf({ digest, settings }, { sessionId: `s-${n}`, generation: 1, leftMs: 1 }, 7).renewAfterMs,
  );
  const late = spread.filter((ms) => ms > 10_000).length;
  assert.ok(late > 70 && late < 130, `${late} of 200 in the later half`);
});

test("[CO168] sessions whose screen was taken fill half of the deny list at most: operators always have room", () => {
  let denials: ReturnType<typeof denied> = {
    kind: "denied",
    denial: { kind: "title", id: "t", untilMs: 1e9 },
    denials: [],
  };
  let all = denials.denials;
  for (let n = 0; n < mostDenials; n++) {
    const next = evicted(all, `s-${n}`, 60_000, 0);
    if (next.kind === "denied") all = next.denials;
  }
  assert.equal(all.length, mostDenials / 2);
  denials = denied(all, { kind: "session", id: "by-hand" }, 4, 0);
  assert.equal(denials.kind, "denied");
});

test("[CO291] a screen is given back whenever its caller goes: before the grant came, and after it", async () => {
  const settings = defaultsOf(controlSettings);
  const session = {
    id: "s-1",
    accountId: "a",
    profileId: "p",
    titleId: "film",
    viewpoint: "",
    startedAtMs: 0,
  };
  for (const goes of ["before", "after"] as const) {
    const stores = memoryStores();
    const made = await stores.accounts.create({
      ...{ email: "ada@example.org", passwordHash: "x", role: "viewer", profileName: "Ada" },
    });
    assert.ok(made !== "email-taken");
    const caller = new AbortController();
    const { leases } = stores;
    const late: typeof leases = {
      ...leases,
      acquire: async ({ signal, ...order }) => {
        const answer = await leases.acquire(order);
        if (goes === "before") caller.abort(new Error("gone"));
        return answer;
      },
    };
    const asked = takeScreen({
      ports: { stores: { ...stores, leases: late }, settings },
      viewer: { id: made.id, deviceId: "tv" },
      session: { ...session, accountId: made.id },
      signal: caller.signal,
      onReplaced: () => assert.fail("nothing gives way"),
      onUnsure: () => assert.fail("the database answers"),
    });
    if (goes === "before") await assert.rejects(asked, /gone/);
    else assert.equal((await asked).kind, "granted");
    assert.equal((await leases.list(made.id, 0)).length, goes === "before" ? 0 : 1);
    caller.abort();
    assert.deepEqual(await leases.list(made.id, 0), [], goes);
  }
});
