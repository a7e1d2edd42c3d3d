// No history of screens ends with a key outside of a live lease. The model keeps its own books of when a lease lives.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { defaultsOf } from "#config/setting.ts";
import type { LeaseStore } from "#data/ports.ts";
import { openVault } from "#licence/io/key-vault.ts";
import type { Denial } from "#model/denial.ts";
import type { Standing } from "#model/entitlement.ts";
import { unsold } from "#model/entitlement.ts";
import { type MemoryStores, memoryStores } from "#test/fixtures/memory-stores.ts";
import { protectedTitle } from "#test/fixtures/protected-title.ts";
import { grantLicence } from "./licences.ts";
import { controlSettings } from "./settings.ts";

const settings = defaultsOf(controlSettings);
const { leaseTtlMs: ttlMs, leaseGraceMs: graceMs } = settings;
const { title, keys } = protectedTitle("film");
const vault = openVault([{ id: "e1", secret: "e1".repeat(32) }]);
const sessions = ["s1", "s2", "s3"];

type Move =
  | {
      readonly kind: "acquire" | "renew" | "release" | "evict" | "deny" | "allow" | "ask";
      readonly session: string;
    }
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "standing"; readonly standing: Standing };

const session = fc.constantFrom(...sessions);
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ kind: fc.constantFrom("renew", "release", "evict", "deny", "allow"), session }),
  { arbitrary: fc.record({ kind: fc.constant("acquire" as const), session }), weight: 3 },
  { arbitrary: fc.record({ kind: fc.constant("ask" as const), session }), weight: 5 },
  fc.record({
    kind: fc.constant("pass" as const),
    ms: fc.constantFrom(1, 5000, graceMs, ttlMs, ttlMs + graceMs),
  }),
  fc.record({
    kind: fc.constant("standing" as const),
    standing: fc.constantFrom<Standing>("good", "good", "good", "suspended"),
  }),
);

/** A mistake: a lease that was seen once is believed for as long as it had then. */
function remembering(leases: LeaseStore, nowMs: () => number): LeaseStore {
  const seen = new Map<
    string,
    { readonly lease: Awaited<ReturnType<LeaseStore["live"]>>; readonly untilMs: number }
  >();
  return {
    ...leases,
    async live(of, grace) {
      const { sessionId } = of;
      const known = seen.get(sessionId);
      if (known !== undefined && nowMs() < known.untilMs) return known.lease;
      const lease = await leases.live(of, grace);
      if (lease !== undefined) seen.set(sessionId, { lease, untilMs: nowMs() + lease.leftMs + grace });
      return lease;
    },
  };
}

interface Books {
  nowMs: number;
  standing: Standing;
  /** When lease and grace are over, by session. */
  readonly ends: Map<string, number>;
  readonly denied: Set<string>;
}

/** Plays the moves; answers what was issued against the books, and how often something was. */
async function played(
  moves: readonly Move[],
  leasesOf: (stores: MemoryStores, nowMs: () => number) => LeaseStore,
): Promise<{ readonly wrong: readonly string[]; readonly issued: number }> {
  const stores = memoryStores();
  const books: Books = { nowMs: 1_000_000, standing: "good", ends: new Map(), denied: new Set() };
  stores.leaseNowMs = () => books.nowMs;
  const email = "ada@example.org";
  const entitlement = { ...unsold, screens: 2 };
  const account = await stores.accounts.create({
    email,
    passwordHash: "",
    role: "viewer",
    profileName: "A",
    entitlement,
  });
  assert.ok(typeof account !== "string");
  for (const { label, kid, key } of keys) {
    const name = { titleId: title.id, label, kid };
    await stores.contentKeys.add([{ ...name, ...vault.wrap(name, key), createdAtMs: 1 }]);
  }
  const leases = leasesOf(stores, () => books.nowMs);
  const byId = async () => ({ ...account, entitlement: { ...entitlement, standing: books.standing } });
  const seen = { ...stores, leases, accounts: { ...stores.accounts, byId } };
  const wrong: string[] = [];
  let issued = 0;
  for (const one of moves) {
    if (one.kind !== "ask") {
      await act(stores, account.id, books, one);
      continue;
    }
    const denials: Denial[] = [...books.denied].map((id) => ({
      kind: "session",
      id,
      untilMs: books.nowMs + 1,
    }));
    const bearer = { sessionId: one.session, titleId: title.id, accountId: account.id };
    const asked = keys.map(({ kid }) => kid);
    const grant = await grantLicence({
      ports: { stores: seen, settings },
      bearer,
      title,
      asked,
      denials,
      nowMs: books.nowMs,
    });
    const ends = books.ends.get(one.session) ?? 0;
    const may = books.nowMs < ends && books.standing === "good" && !books.denied.has(one.session);
    if (grant.kind === "granted") issued += 1;
    if ((grant.kind === "granted") !== may) wrong.push(`${grant.kind} although ${JSON.stringify({ may })}`);
    if (grant.kind === "granted" && grant.endsAtMs > ends) wrong.push("it lasts longer than lease and grace");
  }
  return { wrong, issued };
}

async function act(
  stores: MemoryStores,
  accountId: string,
  books: Books,
  one: Exclude<Move, { kind: "ask" }>,
): Promise<void> {
  const until = (): number => books.nowMs + ttlMs + graceMs;
  switch (one.kind) {
    case "pass":
      books.nowMs += one.ms;
      return;
    case "standing":
      books.standing = one.standing;
      return;
    case "deny":
      books.denied.add(one.session);
      return;
    case "allow":
      books.denied.delete(one.session);
      return;
    case "evict":
      await stores.leases.evict(accountId, one.session);
      books.ends.delete(one.session);
      return;
  }
  const generation = (await stores.playback.session(one.session))?.generation ?? 0;
  const key = { accountId, sessionId: one.session, generation };
  if (one.kind === "release") {
    await stores.leases.release(key);
    books.ends.delete(one.session);
  } else if (one.kind === "renew") {
    if ((await stores.leases.renew({ ...key, ttlMs, graceMs })).kind === "renewed")
      books.ends.set(one.session, until());
  } else {
    const opened = {
      id: one.session,
      accountId,
      profileId: "p",
      titleId: title.id,
      viewpoint: "",
      startedAtMs: 0,
    };
    const before = books.ends.get(one.session) ?? 0;
    const taken = await stores.leases
      .acquire({ session: opened, deviceId: "d", ttlMs, graceMs })
      .catch(() => undefined);
    if (taken?.kind === "granted" && before <= books.nowMs) books.ends.set(one.session, until());
  }
}

const histories = fc.array(move, { minLength: 10, maxLength: 40 });

test("[LI5] no history of screens taken, renewed, lost, stopped, given back and denied yields a key outside a live lease", async () => {
  let issued = 0;
  await fc.assert(
    fc.asyncProperty(histories, async (moves) => {
      const { wrong, issued: count } = await played(moves, ({ leases }) => leases);
      issued += count;
      assert.deepEqual(wrong, []);
    }),
    { seed: 5, numRuns: 300 },
  );
  assert.ok(issued > 500, `only ${issued} licences were issued at all`);
});

test("[LI5] the same histories find a licence server that remembers leases", async () => {
  const law = fc.asyncProperty(histories, async (moves) => {
    assert.deepEqual((await played(moves, ({ leases }, nowMs) => remembering(leases, nowMs))).wrong, []);
  });
  const result = await fc.check(law, { seed: 5, numRuns: 300, endOnFailure: true });
  assert.equal(result.failed, true);
});
