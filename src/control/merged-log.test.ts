import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { EventSource } from "#data/ports-events.ts";
import { tickRecord } from "./log-record.ts";
import { mergedLog } from "./merged-log.ts";

const { signal } = new AbortController();
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const record = (at: number, name: string): Uint8Array => bytes(JSON.stringify({ v: 1, at, name }));

/** Partitions that grow. */
function topicOf(logs: readonly Uint8Array[][], name = "t"): EventSource {
  return {
    partitions: async () => logs.map((_, id) => ({ id, log: `${name}/${id}` })),
    read: async ({ partition, offset, limit }) =>
      (logs[partition] ?? [])
        .slice(offset, offset + limit)
        .map((value, i) => ({ offset: offset + i, value })),
    end: async (partition) => logs[partition]?.length ?? 0,
    first: async () => 0,
  };
}

async function all(source: EventSource, limit: number, from = {}) {
  const merged = mergedLog(source);
  const texts: string[] = [];
  let position = from;
  for (;;) {
    const { records, next } = await merged.read(position, limit, signal);
    if (records.length === 0) return { texts, position, lag: await merged.lag(position, signal) };
    texts.push(...records.map(({ value }) => new TextDecoder().decode(value)));
    position = next;
  }
}

test("[CO413] partitions are read as one log by moments, and one that is at its end holds up what may be later", async () => {
  const logs = [
    [record(5, "a"), record(9, "b")],
    [record(7, "c"), bytes("poison"), record(6, "d")],
    [] as Uint8Array[],
  ];
  const merged = mergedLog(topicOf(logs));
  const blocked = await merged.read({}, 10, signal);
  assert.deepEqual([blocked.records, blocked.waits], [[], true]);
  for (const log of logs) log.push(tickRecord(20));
  const { texts, position, lag } = await all(topicOf(logs), 2);
  assert.deepEqual(
    texts.map((text) => /"name":"(.)"/.exec(text)?.[1] ?? text.slice(0, 6)),
    ["a", "c", "poison", "d", "b", '{"v":1'],
  );
  assert.equal(lag, 2);
  const { waits } = await mergedLog(topicOf(logs)).read(position, 10, signal);
  assert.equal(waits, false, "time alone is waited for by nobody");
  assert.equal(
    (await all(topicOf(logs, "another"), 10, position)).texts.length,
    6,
    "another topic is read from its start",
  );
});

const anyLog = fc.array(fc.tuple(fc.nat(30), fc.string({ maxLength: 3 })), { maxLength: 12 });

test("[CO413] whenever what comes, in whatever portions and from whichever position, the order is the same", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyLog, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(3)),
      async (parts, turns) => {
        const whole = parts.map((part) => [...part.map(([at, name]) => record(at, name)), tickRecord(99)]);
        const wanted = (await all(topicOf(whole), 1000)).texts;
        const grown: Uint8Array[][] = whole.map(() => []);
        const source = topicOf(grown);
        const found: string[] = [];
        let position = {};
        for (const turn of [...turns, 0, 1, 2, 3]) {
          const log = whole[turn];
          if (log === undefined) continue;
          grown[turn]?.push(
            ...log.slice(
              grown[turn]?.length,
              turn < turns.length ? (grown[turn]?.length ?? 0) + 2 : log.length,
            ),
          );
          const step = await all(source, 3, position);
          position = step.position;
          found.push(...step.texts);
        }
        for (const [id, log] of grown.entries()) log.push(...(whole[id] ?? []).slice(log.length));
        found.push(...(await all(source, 5, position)).texts);
        assert.deepEqual(found, wanted);
      },
    ),
    { seed: 413, numRuns: 60 },
  );
});
