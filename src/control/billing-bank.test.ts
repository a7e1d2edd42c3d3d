import assert from "node:assert/strict";
import { test } from "node:test";
import { Bank, type Planted } from "#test/fixtures/bank.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";

async function bank(seed: number, planted: Planted): Promise<Bank> {
  const stores = memoryStores();
  const made = await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      stores.accounts.create({ email: `${n}@x.org`, passwordHash: "", role: "viewer", profileName: "A" }),
    ),
  );
  const accountIds = made.flatMap((account) => (account === "email-taken" ? [] : [account.id]));
  const startMs = Date.UTC(2026, 0, 31);
  const one = new Bank({ stores, seed, accountIds, rounds: 40, crashes: 0.05, planted, startMs });
  await one.run();
  return one;
}

test("[CO144] whoever dies at whatever step: the books, the provider's books and what customers may do agree", async () => {
  let deaths = 0;
  let charges = 0;
  for (const seed of [1, 2, 3]) {
    const run = await bank(seed, "none");
    assert.deepEqual(await run.complaints(), [], `seed ${seed}`);
    deaths += run.deaths;
    charges += run.provider.charges().length;
  }
  assert.ok(deaths > 50 && charges > 50, `only ${deaths} deaths and ${charges} charges`);
});

for (const planted of ["no-lock", "asks-blindly", "posts-twice"] as const) {
  test(`[CO144] the look at the bank finds the planted fault: ${planted}`, async () => {
    const complaints: string[] = [];
    for (let seed = 1; seed <= 5 && complaints.length === 0; seed++) {
      complaints.push(...(await (await bank(seed, planted)).complaints()));
    }
    assert.ok(complaints.length > 0);
  });
}
