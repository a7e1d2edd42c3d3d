import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesPerSecond, milliseconds } from "#units/quantity.ts";
import {
  byCheck,
  emptyScrub,
  ledgerText,
  oldestCheckAge,
  readLedger,
  restOf,
  type ScrubEvent,
  type ScrubState,
  step,
} from "./scrub.ts";

const day = 86_400_000;
const limits = { rate: bytesPerSecond(1000), turn: milliseconds(10 * day) };

class Bench {
  readonly state: ScrubState;
  monoMs = 0;
  wallMs = 1000 * day;
  isIdle = true;

  constructor(over: Partial<typeof limits> = {}) {
    this.state = emptyScrub({ ...limits, ...over });
  }

  tell(event: ScrubEvent): readonly string[] {
    const commands = step(this.state, event, { monoMs: this.monoMs, wallMs: this.wallMs });
    return commands.map((command) => ("key" in command ? `${command.kind} ${command.key}` : command.kind));
  }

  tick(): readonly string[] {
    return this.tell({ kind: "tick", isIdle: this.isIdle });
  }

  hold(key: string, bytes: number): void {
    this.tell({ kind: "lies", key, bytes, proof: `proof of ${key}` });
  }

  ledger(): string {
    return ledgerText(this.state, { monoMs: this.monoMs, wallMs: this.wallMs });
  }

  age(): number {
    return oldestCheckAge(this.state, this.monoMs);
  }

  pass(ms: number): void {
    this.monoMs += ms;
    this.wallMs += ms;
  }
}

test("[ED70] the file whose check is longest ago comes first, and only when its check is old enough", () => {
  const bench = new Bench();
  for (const key of ["b", "a", "c"]) {
    bench.hold(key, 10);
    bench.pass(day);
  }
  assert.deepEqual(bench.tick(), []);
  bench.pass(7 * day);
  assert.deepEqual(bench.tick(), ["read b"]);
  assert.deepEqual(bench.tick(), [], "one at a time");
  bench.tell({ kind: "read", key: "b" });
  assert.deepEqual(bench.tick(), [], "a was checked a day later");
  bench.pass(day);
  assert.deepEqual(bench.tick(), ["read a"]);
  assert.deepEqual([bench.state.checkedFiles, bench.state.checkedBytes], [1, 10]);
});

test("[ED70] the rate holds over files: after one of 5000 bytes, 5 s pass before the next begins", () => {
  const bench = new Bench({ turn: milliseconds(0) });
  bench.hold("a", 5000);
  bench.hold("b", 5000);
  assert.deepEqual(bench.tick(), ["read a"]);
  bench.pass(10);
  bench.tell({ kind: "read", key: "a" });
  bench.pass(4900);
  assert.deepEqual(bench.tick(), []);
  bench.pass(90);
  assert.deepEqual(bench.tick(), ["read b"]);
});

test("[ED70] with other work nothing begins, and what is being read waits until it is over", () => {
  const bench = new Bench({ turn: milliseconds(0) });
  bench.hold("a", 5000);
  bench.isIdle = false;
  assert.deepEqual(bench.tick(), []);
  bench.isIdle = true;
  assert.deepEqual(bench.tick(), ["read a"]);
  bench.isIdle = false;
  assert.deepEqual(bench.tick(), ["wait"]);
  assert.deepEqual(bench.tick(), []);
  bench.isIdle = true;
  assert.deepEqual(bench.tick(), ["go-on"]);
});

test("[ED70] a turn begins early enough to end in time, and without rest where the disk is too slow for it", () => {
  const bench = new Bench();
  const perDay = 1000 * 86_400;
  bench.hold("a", 2 * perDay);
  assert.equal(restOf(bench.state), 6 * day, "2 days at full rate, 4 in half of the time, of 10");
  bench.hold("b", 20 * perDay);
  assert.equal(restOf(bench.state), 0);
  bench.tell({ kind: "gone", key: "b" });
  assert.equal(restOf(bench.state), 6 * day);
  const never = new Bench({ rate: bytesPerSecond(0), turn: milliseconds(0) });
  never.hold("a", 1);
  assert.deepEqual(never.tick(), []);
});

test("[ED70] a file that is not verified is not read; one that could not be read lets the others go first", () => {
  const bench = new Bench({ turn: milliseconds(0) });
  bench.tell({ kind: "lies", key: "unverified", bytes: 1, proof: undefined });
  bench.hold("a", 1);
  bench.hold("b", 1);
  assert.deepEqual(bench.tick(), ["read a"]);
  bench.tell({ kind: "unread", key: "a" });
  assert.deepEqual(bench.tick(), []);
  bench.pass(60_000);
  assert.deepEqual(bench.tick(), ["read b"]);
  assert.equal(bench.state.checkedFiles, 0);
});

test("[ED70] however many files are not verified, those that are are read, and the age of the oldest check is told", () => {
  const bench = new Bench({ turn: milliseconds(0) });
  const checks = new Map(Array.from({ length: 1500 }, (_, i) => [`u${i}`, bench.wallMs - 9 * day]));
  bench.tell({ kind: "remembered", checks });
  for (const key of checks.keys()) bench.tell({ kind: "lies", key, bytes: 1, proof: undefined });
  bench.hold("a", 10);
  assert.deepEqual(bench.tick(), ["read a"]);
  assert.equal(bench.age(), 9 * day);
  assert.equal(bench.ledger().split("\n").length, 1502);
  bench.tell({ kind: "lies", key: "a", bytes: 10, proof: undefined });
  assert.equal(bench.state.heldBytes, 0);
  bench.tell({ kind: "read", key: "a" });
  bench.pass(60_000);
  assert.deepEqual(bench.tick(), []);
});

test("[ED71] checks are remembered over a restart, and one that lies ahead counts as now", () => {
  const bench = new Bench();
  bench.hold("t1/v/0.m4s", 10);
  bench.pass(day);
  bench.hold("t1/v/1.m4s", 10);
  const text = bench.ledger();
  const again = new Bench();
  again.wallMs = bench.wallMs;
  const damaged = `${text}not a line\n99 \n`;
  again.tell({ kind: "remembered", checks: readLedger(damaged) });
  again.tell({ kind: "lies", key: "t1/v/0.m4s", bytes: 10, proof: undefined });
  assert.equal(again.age(), day, "not hashed yet in this run");
  assert.equal(again.ledger(), text.split("\n")[0]?.concat("\n"));
  again.hold("t1/v/0.m4s", 10);
  assert.equal(again.age(), 0, "hashed at the start");
  const set = new Bench();
  set.wallMs = 5;
  set.tell({ kind: "remembered", checks: readLedger(text) });
  set.tell({ kind: "lies", key: "t1/v/0.m4s", bytes: 10, proof: undefined });
  assert.equal(set.ledger(), "5 t1/v/0.m4s\n");
});

test("[ED71] [ED81] a wall clock that jumps makes no check older or younger", () => {
  const bench = new Bench();
  bench.hold("a", 10);
  bench.pass(day);
  for (const jump of [5000 * day, -9000 * day]) {
    bench.wallMs += jump;
    assert.deepEqual(bench.tick(), []);
    assert.equal(bench.age(), day);
  }
  bench.pass(9 * day);
  assert.deepEqual(bench.tick(), ["read a"]);
});

test("[ED87] a file whose hash was handed over keeps the age of its check, and is read when that is due", () => {
  const bench = new Bench();
  const checks = new Map([
    ["b", bench.wallMs - 8 * day],
    ["a", bench.wallMs - 9 * day],
  ]);
  bench.tell({ kind: "remembered", checks });
  for (const { key } of byCheck(bench.state, [{ key: "b" }, { key: "a" }])) {
    bench.tell({ kind: "lies", key, bytes: 10, proof: `proof of ${key}`, isHandedOver: true });
  }
  assert.equal(bench.age(), 9 * day);
  assert.deepEqual(bench.tick(), []);
  bench.pass(day);
  assert.deepEqual(bench.tick(), ["read a"]);
});

test("[ED159] a file that nginx could not read is next, whatever else there is to do, and not again soon once it could be read", () => {
  const bench = new Bench();
  for (const key of ["a", "b", "c"]) bench.hold(key, 1000);
  bench.isIdle = false;
  for (const key of ["unknown", "b", "b"]) assert.deepEqual(bench.tell({ kind: "suspected", key }), []);
  assert.deepEqual(bench.tick(), ["read b"]);
  assert.deepEqual(bench.tick(), [], "it does not wait for what is under way");
  bench.tell({ kind: "read", key: "b" });
  for (const [later, expected] of [
    [599_999, []],
    [600_000, ["read b"]],
  ] as const) {
    bench.monoMs = later;
    bench.tell({ kind: "suspected", key: "b" });
    assert.deepEqual(bench.tick(), expected);
  }
  assert.deepEqual([...bench.state.held.keys()], ["a", "c", "b"], "the order of checks");
});

test("[ED159] a read that waits goes on when its file becomes suspect, and ends", () => {
  const bench = new Bench();
  for (const key of ["a", "b"]) bench.hold(key, 1000);
  bench.pass(10 * day);
  assert.deepEqual(bench.tick(), ["read a"]);
  bench.isIdle = false;
  assert.deepEqual(bench.tick(), ["wait"]);
  bench.tell({ kind: "suspected", key: "a" });
  assert.deepEqual(bench.tick(), ["go-on"]);
  assert.deepEqual(bench.tick(), []);
});

test("[ED159] a suspect that could not be read for another reason stays one", () => {
  const bench = new Bench();
  for (const key of ["a", "b", "c"]) bench.hold(key, 1000);
  bench.isIdle = false;
  for (const key of ["b", "c"]) bench.tell({ kind: "suspected", key });
  assert.deepEqual(bench.tick(), ["read b"]);
  bench.tell({ kind: "unread", key: "b" });
  for (const [later, expected] of [
    [59_999, []],
    [60_000, ["read c"]],
  ] as const) {
    bench.monoMs = later;
    assert.deepEqual(bench.tick(), expected);
  }
  bench.tell({ kind: "read", key: "c" });
  bench.monoMs = 120_000;
  assert.deepEqual(bench.tick(), ["read b"]);
  bench.tell({ kind: "gone", key: "b" });
  bench.tell({ kind: "read", key: "b" });
  bench.monoMs = 240_000;
  assert.deepEqual(bench.tick(), []);
});
