import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStores } from "#test/fixtures/memory-stores.ts";
import { enqueueBody } from "#wire/jobs.ts";
import { enqueue, type JobDesk } from "./jobs.ts";

test("[CO380] a job that could not be read again is not kept", async () => {
  const { jobs } = memoryStores();
  const master = { id: "m", path: "/m", sha256: "a".repeat(64), bytes: 1, fileName: "m.mov" };
  const key = { label: "SD", kid: "1".repeat(32) } as const;
  const desk: JobDesk = {
    jobs,
    masters: { find: async () => master },
    results: { manifest: async () => undefined, filesOf: async () => undefined, has: async () => false },
    keys: { toEncrypt: async () => [key, key, key], open: async () => undefined },
    rules: { leaseMs: 1, agingMs: 1, attempts: 1, poison: 1, retryMs: 1, retryMostMs: 1 },
    ...{ spread: 1, encodeSettings: {}, chance: () => 0, wake: () => undefined },
    digest: (text) => Buffer.from(text).toString("hex").padEnd(64, "0").slice(0, 64),
  };
  await assert.rejects(enqueue(desk, enqueueBody.parse({ masterId: "m", name: "Film", encrypt: true })));
  assert.deepEqual(jobs.all(), []);
});
