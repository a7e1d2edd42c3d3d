import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EventHeap } from "./event-heap.ts";
import { originBit, Transfers } from "./transfers.ts";

test("[SI20] two transfers of a box share its rate, and the one that is left takes all of it", () => {
  const transfers = new Transfers();
  transfers.setReaderRate(0, 8_000_000, 0);
  transfers.start({ reader: 0, source: 1, kind: "peer", bytes: 1_000_000, key: "a" }, 0);
  transfers.start({ reader: 0, source: 2, kind: "tier", bytes: 500_000, key: "b" }, 0);
  assert.equal(transfers.complete(999), undefined);
  assert.equal(transfers.complete(1000)?.key, "b");
  assert.equal(transfers.complete(1499), undefined);
  assert.equal(transfers.complete(1500)?.key, "a");
});

test("[SI20] a source shares what it has to spare among those who fetch from it", () => {
  const transfers = new Transfers();
  transfers.setSourceRate(originBit, 8_000_000, 0);
  for (const reader of [0, 1]) {
    transfers.setReaderRate(reader, 80_000_000, 0);
    transfers.start({ reader, source: originBit, kind: "origin", bytes: 1_000_000, key: "a" }, 0);
  }
  assert.equal(transfers.complete(1999), undefined);
  assert.ok(transfers.complete(2000) !== undefined && transfers.complete(2000) !== undefined);
});

test("[SI20] whatever begins, stops and changes: no end passes more than its rate, bytes are told once", () => {
  const step = fc.record({
    after: fc.integer({ min: 0, max: 5000 }),
    reader: fc.integer({ min: 0, max: 2 }),
    source: fc.integer({ min: -1, max: 2 }),
    bytes: fc.integer({ min: 0, max: 2_000_000 }),
    does: fc.constantFrom("start", "start", "stop", "rate"),
    rate: fc.integer({ min: 1, max: 10 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const transfers = new Transfers();
      const most = 10e6;
      for (const end of [0, 1, 2]) transfers.setReaderRate(end, most, 0);
      for (const end of [-1, 0, 1, 2]) transfers.setSourceRate(end, most, 0);
      const told = new Map<string, number>();
      const ended = new Map<string, number>();
      let now = 0;
      const account = (): void => {
        for (const { reader, source, bytes } of transfers.account(now)) {
          for (const end of [`to ${reader}`, `from ${source}`]) told.set(end, (told.get(end) ?? 0) + bytes);
        }
      };
      const passTo = (end: number): void => {
        while (transfers.firstAt <= end) {
          now = transfers.firstAt;
          const whole = transfers.complete(now);
          if (whole !== undefined)
            ended.set(`to ${whole.reader}`, (ended.get(`to ${whole.reader}`) ?? 0) + whole.bytes);
        }
        now = end;
      };
      for (const [i, one] of steps.entries()) {
        passTo(now + one.after);
        const { reader, source, bytes } = one;
        if (one.does === "start") transfers.start({ reader, source, kind: "peer", bytes, key: `${i}` }, now);
        else if (one.does === "rate") transfers.setReaderRate(reader, one.rate * 1e6, now);
        else {
          const [first] = transfers.to(reader);
          const got = first === undefined ? 0 : (transfers.stop(reader, first.key, now) ?? 0);
          assert.ok(got <= (first?.bytes ?? 0));
          ended.set(`to ${reader}`, (ended.get(`to ${reader}`) ?? 0) + got);
        }
        account();
      }
      for (const [end, bytes] of told)
        assert.ok(bytes <= (most * now) / 8000 + steps.length + 1, `${end}: ${bytes} in ${now} ms`);
      passTo(now + 1e9);
      account();
      for (const reader of [0, 1, 2])
        assert.equal(told.get(`to ${reader}`) ?? 0, ended.get(`to ${reader}`) ?? 0);
    }),
    { seed: 20, numRuns: 150 },
  );
});

test("[SI20] events come in the order of their time, and at the same time in the order they were said", () => {
  const heap = new EventHeap<string>();
  for (const [at, what] of [
    [3, "c"],
    [1, "a"],
    [2, "x"],
    [2, "y"],
    [Number.POSITIVE_INFINITY, "never"],
  ] as const)
    heap.push(at, what);
  assert.deepEqual(
    [heap.pop(), heap.pop(), heap.pop(), heap.pop(), heap.pop()],
    ["a", "x", "y", "c", undefined],
  );
});
