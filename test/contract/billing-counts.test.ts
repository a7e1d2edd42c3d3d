// How many customers are in which state, on every database there is.
import assert from "node:assert/strict";
import { paidLife } from "#test/fixtures/billing-facts.ts";
import { account, onEach } from "./stores-builders.ts";

onEach("[CO456] customers are counted by the state of their subscription", async (stores) => {
  const { state: subscription } = paidLife();
  assert.ok(subscription !== undefined);
  const countOf = async (): Promise<number> => {
    const counts = await stores.billing.statusCounts();
    return counts.find(({ status }) => status === subscription.status)?.customers ?? 0;
  };
  const before = await countOf();
  for (const subscribes of [true, true, false]) {
    const { id } = await account(stores);
    await stores.billing.change({
      of: { accountId: id },
      nowMs: 1_700_000_000_000,
      decide: () => ({ result: undefined, ...(subscribes && { subscription }) }),
    });
  }
  assert.equal(await countOf(), before + 2);
});
