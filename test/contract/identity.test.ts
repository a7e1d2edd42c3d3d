// Sign-in by others, tokens of appliances and the audit log: one suite for every database.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  type AuditEntry,
  type AuditVerdict,
  beginCheck,
  checkRow,
  endCheck,
  pruneAction,
} from "#data/audit-chain.ts";
import type { ApiToken, Stores } from "#data/ports.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";
import { account, fresh, isFault, onEach } from "./stores-builders.ts";

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

const entry = (object: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ actor: "account:ann", action: "test", object, outcome: "done", address: "203.0.113.7" },
  ...{ requestId: "req-1", atMs: 5000 },
  ...more,
});

async function verdict({ audit }: Stores): Promise<AuditVerdict> {
  const head = await audit.head();
  const rows = await audit.from(head.firstSeq, 10_000);
  return endCheck(rows.reduce((check, row) => checkRow(check, row, digest), beginCheck(head)));
}

onEach("[DA38] rows come back as they were written, forwards and backwards", async (stores) => {
  const { audit } = stores;
  const odd = entry("żółw 🐢 \u0000 \uD800 '; drop table audit_row; --");
  const first = await audit.append(odd);
  const second = await audit.append(entry("b"));
  assert.equal(second.seq, first.seq + 1);
  assert.equal(second.prior, first.hash);
  assert.deepEqual(await audit.from(first.seq, 10), [first, second]);
  assert.deepEqual(await audit.from(first.seq, 1), [first]);
  assert.deepEqual(await audit.before(second.seq + 1, 2), [second, first]);
  assert.deepEqual(await audit.before(second.seq, 1), [first]);
  const head = await audit.head();
  assert.deepEqual([head.seq, head.hash], [second.seq, second.hash]);
  assert.equal((await verdict(stores)).kind, "whole");
});

onEach(
  "[DA38] forty that append at once keep one chain, together with changes of their own",
  async (stores) => {
    const before = (await stores.audit.head()).seq;
    const token = { kind: "worker", name: "w", createdAtMs: 1, expiresAtMs: undefined } as const;
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        await stores.audit.append(entry(`n=${n}`));
        await stores.tokens.add({ ...token, id: fresh() }, fresh(), entry(`token=${n}`));
      }),
    );
    assert.equal((await stores.audit.head()).seq, before + 40);
    const objects = (await stores.audit.from(before + 1, 100)).map((row) => row.object);
    assert.equal(new Set(objects).size, 40);
    assert.equal((await verdict(stores)).kind, "whole");
  },
);

onEach("[DA38] a change and its row are kept together: who fails leaves neither", async (stores) => {
  const { tokens, identities, audit } = stores;
  const hash = fresh();
  const token = { id: fresh(), kind: "worker", name: "w", createdAtMs: 1, expiresAtMs: undefined } as const;
  await tokens.add(token, hash, entry("made"));
  const before = (await audit.head()).seq;
  await assert.rejects(tokens.add({ ...token, id: fresh() }, hash, entry("the hash is taken")));
  assert.equal(await tokens.revoke("nobody", entry("nothing was there")), false);
  await assert.rejects(identities.setRole("nobody", "admin", entry("nobody")), isFault("account-unknown"));
  assert.equal((await audit.head()).seq, before);
  assert.equal(await tokens.revoke(token.id, entry("revoked")), true);
  const ann = await account(stores);
  await identities.setRole(ann.id, "operator", entry("role"));
  assert.equal((await stores.accounts.byId(ann.id))?.role, "operator");
  assert.deepEqual(
    (await audit.from(before + 1, 10)).map((row) => row.object),
    ["revoked", "role"],
  );
});

onEach(
  "[DA38] retention takes the oldest, at most so many, says so, and never the newest",
  async (stores) => {
    const { audit } = stores;
    for (const atMs of [10, 20, 30, 40]) await audit.append(entry("old", { atMs }));
    const { firstSeq, seq } = await audit.head();
    const said = entry("", { actor: "program", atMs: 9000 });
    assert.equal(await audit.prune(0, 100, said), 0);
    assert.equal((await audit.head()).seq, seq, "nothing went, so nothing is said");
    assert.equal(await audit.prune(9000, 2, said), 2);
    assert.equal((await audit.head()).firstSeq, firstSeq + 2);
    assert.equal((await audit.from(0, 1))[0]?.seq, firstSeq + 2);
    assert.equal((await audit.before(2 ** 50, 1))[0]?.action, pruneAction);
    assert.equal((await verdict(stores)).kind, "whole");
    await audit.prune(2 ** 50, 10_000, said);
    assert.equal((await audit.from(0, 10)).length, 2, "the newest row before, and what the retention said");
    assert.equal((await verdict(stores)).kind, "whole");
    await audit.append(entry("goes on"));
    assert.equal((await verdict(stores)).kind, "whole");
  },
);

onEach("[DA40] issuer and subject together open an account, whatever its email", async (stores) => {
  const { identities } = stores;
  const who = { issuer: "https://id.example.org", subject: fresh() };
  assert.equal(await identities.bySubject(who), undefined);
  const [ann, bob] = [await account(stores), await account(stores)];
  assert.deepEqual(await identities.link(who, ann.id, 5), ann);
  assert.deepEqual(await identities.link(who, bob.id, 6), ann, "tied is tied");
  assert.deepEqual(await identities.bySubject(who), ann);
  assert.equal(await identities.bySubject({ ...who, issuer: "https://other.example.org" }), undefined);
  await assert.rejects(
    identities.link({ ...who, subject: fresh() }, "nobody", 5),
    isFault("account-unknown"),
  );
});

onEach("[DA40] twenty first sign-ins of one subject at once make one account", async (stores) => {
  const who = { issuer: "https://id.example.org", subject: fresh() };
  const order = { email: `${fresh()}@x.org`, passwordHash: "!", role: "viewer", profileName: "B" } as const;
  const made = await Promise.all(Array.from({ length: 20 }, () => stores.identities.create(who, order, 5)));
  const [first] = made;
  assert.ok(first !== undefined && first !== "email-taken");
  for (const one of made) assert.deepEqual(one, first);
  const other = { ...who, subject: fresh() };
  assert.equal(await stores.identities.create(other, order, 5), "email-taken");
  assert.equal(await stores.identities.bySubject(other), undefined);
});

onEach("[DA41] a token keeps whose it is, and when it was last used", async ({ tokens }) => {
  const hash = fresh();
  const token: ApiToken = {
    ...{ id: fresh(), name: "box", createdAtMs: 5, expiresAtMs: undefined },
    ...{ kind: "appliance", applianceId: "a1" },
  };
  await tokens.add(token, hash);
  assert.deepEqual(await tokens.byHash(hash, 10), token);
  await tokens.used(token.id, 3_600_000);
  await tokens.used("nobody", 3_600_000);
  assert.deepEqual(await tokens.byHash(hash, 10), { ...token, lastUsedAtMs: 3_600_000 });
});

onEach("[DA38] the stores in memory, which other tests lean on, keep the same chain", async () => {
  const stores = memoryStores();
  for (const atMs of [1, 2, 3, 4]) await stores.audit.append(entry("n", { atMs }));
  assert.equal(await stores.audit.prune(3, 10, entry("")), 2);
  assert.equal(await stores.audit.prune(2 ** 50, 10, entry("")), 2);
  assert.deepEqual(await verdict(stores), { kind: "whole", rows: 2, head: await stores.audit.head() });
});
