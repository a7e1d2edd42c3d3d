// What every source of events promises to its consumers: one suite, run on the event log and on Kafka.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as breath } from "node:timers/promises";
import type { LogRecord } from "#data/ports.ts";
import type { EventSource } from "#data/ports-events.ts";
import { bytes, text } from "./event-log-builders.ts";

export interface SourceRig {
  readonly source: EventSource;
  /** Resolves when the values are durable, in this order, and may be read. */
  append(values: readonly Uint8Array[]): Promise<void>;
  /** What is behind it ends in whatever way, and is there again. */
  restart(): Promise<SourceRig>;
  /** Lets go of the oldest records; returns whether it could. */
  forget(): Promise<boolean>;
}

/** A rig of its own for each test; a text says why there is none. */
export type OpenRig = (t: TestContext) => Promise<SourceRig | string>;

const { signal } = new AbortController();

/** "key:number", so that order can be asked of each key. */
const value = (key: string, number: number): Uint8Array => bytes(`${key}:${number}`);

export async function readPartition(
  source: EventSource,
  partition: number,
  from = 0,
): Promise<readonly LogRecord[]> {
  const all: LogRecord[] = [];
  for (let offset = from; ; ) {
    const some = await source.read({ partition, offset, limit: 100, signal });
    const last = some.at(-1);
    if (last === undefined) return all;
    all.push(...some);
    offset = last.offset + 1;
  }
}

/** All partitions, one after the other. */
export async function readSource(source: EventSource): Promise<readonly string[]> {
  const partitions = await source.partitions(signal);
  const read = await Promise.all(partitions.map(({ id }) => readPartition(source, id)));
  return read.flat().map((record) => text(record.value));
}

type Holds = (title: string, body: (rig: SourceRig) => Promise<void>) => void;

export function eventSourceSuite(name: string, open: OpenRig): void {
  const holds: Holds = (title, body) => {
    test(`${name}: ${title}`, async (t) => {
      const rig = await open(t);
      if (typeof rig === "string") return t.skip(rig);
      await body(rig);
    });
  };
  keepsOrder(holds);
  keepsOffsets(holds);
  isReadLive(holds);
  keepsValues(holds);
}

function keepsOrder(holds: Holds): void {
  holds("an empty one has partitions, an end, and nothing to read", async ({ source }) => {
    const partitions = await source.partitions(signal);
    assert.ok(partitions.length > 0);
    for (const { id } of partitions) {
      assert.deepEqual(await source.read({ partition: id, offset: 0, limit: 10, signal }), []);
      assert.deepEqual([await source.first(id, signal), await source.end(id, signal)], [0, 0]);
    }
  });

  holds("what was appended is read once, in the order of its key, at rising offsets", async (rig) => {
    const keys = Array.from({ length: 9 }, (_, key) => `session-${key}`);
    for (let number = 0; number < 40; number++) await rig.append(keys.map((key) => value(key, number)));
    const partitions = await rig.source.partitions(signal);
    const found: string[] = [];
    for (const { id } of partitions) {
      const records = await readPartition(rig.source, id);
      assert.deepEqual(
        records.map(({ offset }) => offset),
        records.map((_, index) => index),
      );
      assert.equal(await rig.source.end(id, signal), records.length);
      found.push(...records.map((record) => text(record.value)));
    }
    assert.equal(found.length, 360);
    for (const key of keys) {
      assert.deepEqual(
        found.filter((line) => line.startsWith(`${key}:`)),
        Array.from({ length: 40 }, (_, number) => `${key}:${number}`),
      );
    }
  });
}

function keepsOffsets(holds: Holds): void {
  holds("it reads from any offset, and no more than was asked for", async (rig) => {
    await rig.append(Array.from({ length: 30 }, (_, number) => value("one", number)));
    const [id = 0] = (
      await Promise.all(
        (
          await rig.source.partitions(signal)
        ).map(async (part) => ({
          id: part.id,
          end: await rig.source.end(part.id, signal),
        })),
      )
    )
      .filter(({ end }) => end === 30)
      .map((part) => part.id);
    const some = await rig.source.read({ partition: id, offset: 17, limit: 5, signal });
    assert.deepEqual(
      some.map((record) => [record.offset, text(record.value)]),
      [17, 18, 19, 20, 21].map((number) => [number, `one:${number}`]),
    );
    assert.deepEqual(await rig.source.read({ partition: id, offset: 30, limit: 5, signal }), []);
    assert.deepEqual(await rig.source.read({ partition: id, offset: 3000, limit: 5, signal }), []);
    const could = await rig.forget();
    if (!could) return;
    const first = await rig.source.first(id, signal);
    assert.ok(first > 0, `${first}`);
    const [oldest] = await rig.source.read({ partition: id, offset: 0, limit: 1, signal });
    assert.equal(oldest?.offset, first, "below the first, reading begins at the first");
  });
}

function isReadLive(holds: Holds): void {
  holds("it is read while it is written, and nothing is left out", async (rig) => {
    let isWritten = false;
    const writing = (async () => {
      for (let number = 0; number < 60; number++) await rig.append([value("live", number)]);
      isWritten = true;
    })();
    const partitions = await rig.source.partitions(signal);
    const offsets = partitions.map(() => 0);
    const found: string[] = [];
    for (let done = false; !done; ) {
      const wasWritten = isWritten;
      const before = found.length;
      for (const [index, { id }] of partitions.entries()) {
        const some = await rig.source.read({ partition: id, offset: offsets[index] ?? 0, limit: 7, signal });
        offsets[index] = (some.at(-1)?.offset ?? (offsets[index] ?? 0) - 1) + 1;
        found.push(...some.map((record) => text(record.value)));
      }
      done = wasWritten && found.length === before;
      // A read at the end may answer at once: without a breath nobody would write.
      await breath();
    }
    await writing;
    assert.deepEqual(
      found,
      Array.from({ length: 60 }, (_, number) => `live:${number}`),
    );
  });

  holds("a wait ends within 50 ms of its signal, and the next read works", async (rig) => {
    await rig.append([value("one", 0)]);
    const [{ id } = { id: 0 }] = await rig.source.partitions(signal);
    const over = new AbortController();
    const reads = Array.from({ length: 20 }, () =>
      rig.source.read({ partition: id, offset: 0, limit: 10, signal: over.signal }).then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
    const begun = performance.now();
    over.abort(new Error("enough"));
    const ends = await Promise.all(reads);
    assert.ok(performance.now() - begun < 50, `${performance.now() - begun} ms`);
    assert.ok(ends.every((error) => error === undefined || String(error).includes("enough")));
    await assert.rejects(
      rig.source.read({ partition: id, offset: 0, limit: 10, signal: over.signal }),
      /enough/,
    );
    assert.deepEqual(await readSource(rig.source), ["one:0"]);
  });
}

function keepsValues(holds: Holds): void {
  holds("values of nothing, of any bytes and of the longest size are read as they were", async (rig) => {
    const long = new Uint8Array(1 << 20).map((_, index) => (index * 31) % 256);
    const values = [new Uint8Array(), Uint8Array.of(0, 255, 10, 13), bytes("żółw 🐢"), long, bytes("after")];
    for (const one of values) await rig.append([one]);
    const partitions = await rig.source.partitions(signal);
    const read = await Promise.all(partitions.map(({ id }) => readPartition(rig.source, id)));
    const sorted = (list: readonly Uint8Array[]): readonly string[] =>
      list.map((one) => Buffer.from(one).toString("base64")).toSorted();
    assert.deepEqual(sorted(read.flat().map((record) => record.value)), sorted(values));
  });

  holds("a restart changes nothing", async (rig) => {
    await rig.append([0, 1, 2].map((number) => value("one", number)));
    const before = await readSource(rig.source);
    const again = await rig.restart();
    assert.deepEqual(await readSource(again.source), before);
    await again.append([value("one", 3)]);
    assert.deepEqual((await readSource(again.source)).toSorted(), [...before, "one:3"].toSorted());
  });
}
