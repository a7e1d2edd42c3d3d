import assert from "node:assert/strict";
import { test } from "node:test";
import { startInMemory } from "#test/fixtures/memory-control.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";

test("[CO322] a control plane that is not sure of its hold answers nothing, not even what began before", async (t) => {
  const hold = { sure: true, isSure: () => hold.sure };
  const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const stores = memoryStores();
  const ping = (): Promise<void> => {
    asked.resolve();
    return answered.promise;
  };
  const { control } = await startInMemory({}, { hold, stores: { ...stores, ping } });
  t.after(() => control.close());
  assert.equal((await fetch(`${control.url}/healthz`)).status, 200);
  const begun = fetch(`${control.url}/readyz`);
  await asked.promise;
  hold.sure = false;
  for (const path of ["/healthz", "/v1/me", "/no-such-page"]) {
    const said = await fetch(`${control.url}${path}`);
    assert.deepEqual([said.status, said.headers.get("retry-after")], [503, "2"], path);
    assert.match(await said.text(), /"not-active"/);
  }
  answered.resolve();
  await assert.rejects(begun);
  hold.sure = true;
  assert.equal((await fetch(`${control.url}/readyz`)).status, 200);
});
