import assert from "node:assert/strict";
import { test } from "node:test";
import type { Denial } from "#model/denial.ts";
import { openDenialQueue } from "./denial-queue.ts";

const denying = (id: string): readonly Denial[] => [{ kind: "session", id, untilMs: 1 }];

test("[ED89] what is denied is applied one list at a time, the newest only, and again when it failed", async () => {
  const told: string[] = [];
  const troubles: unknown[] = [];
  const first = Promise.withResolvers<void>();
  const isOver = Promise.withResolvers<void>();
  let isBusy = false;
  const take = openDenialQueue({
    apply: async ([denial]) => {
      assert.equal(isBusy, false, "one at a time");
      isBusy = true;
      told.push(denial?.id ?? "none");
      if (told.length === 1) await first.promise;
      isBusy = false;
      if (told.length === 2) throw new Error("no room");
      if (told.length === 3) isOver.resolve();
    },
    retryMs: 1,
    signal: new AbortController().signal,
    onTrouble: (error) => troubles.push(error),
  });
  for (const id of ["a", "b", "c"]) take(denying(id));
  first.resolve();
  await isOver.promise;
  assert.deepEqual(told, ["a", "c", "c"]);
  assert.match(String(troubles), /^Error: no room$/);
});

test("[ED89] a list is applied after an earlier one was through, and none after the end", async () => {
  const told: string[] = [];
  const ending = new AbortController();
  let done = Promise.withResolvers<void>();
  const take = openDenialQueue({
    apply: async ([denial]) => {
      told.push(denial?.id ?? "none");
      done.resolve();
    },
    retryMs: 1,
    signal: ending.signal,
    onTrouble: (error) => assert.fail(String(error)),
  });
  for (const id of ["a", "b"]) {
    done = Promise.withResolvers();
    take(denying(id));
    await done.promise;
  }
  ending.abort();
  take(denying("c"));
  assert.deepEqual(told, ["a", "b"]);
});
