import assert from "node:assert/strict";
import test from "node:test";
import { dataFaults } from "#data/faults.ts";
import { Fault } from "#units/fault.ts";
import { type GroupRules, grouped } from "./group-commit.ts";

interface Order {
  readonly key: string;
  readonly number: number;
}

const rules: GroupRules = {
  size: 4,
  waitMs: 0,
  queue: 50,
  queuePerKey: 3,
  lanes: 1,
  toldAtOnce: 8,
  deadlineSeconds: 60,
};

/** A database whose transactions end when the test says so. */
function slow(more: Partial<GroupRules> = {}): {
  readonly ask: (order: Order, signal?: AbortSignal) => Promise<string>;
  /** The numbers of each group so far. */
  readonly groups: number[][];
  /** Of each group: aborted when nobody of it waits. */
  readonly signals: AbortSignal[];
  /** What came for those who had given up. */
  readonly late: string[];
  /** Waits for the group of this place to begin. */
  begun(place: number): Promise<void>;
  end(place: number, error?: Error): void;
} {
  const groups: number[][] = [];
  const signals: AbortSignal[] = [];
  const late: string[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const starts: PromiseWithResolvers<void>[] = [];
  const at = (list: PromiseWithResolvers<void>[], place: number): PromiseWithResolvers<void> => {
    list[place] ??= Promise.withResolvers<void>();
    return list[place];
  };
  const ask = grouped<Order, string>({
    rules: { ...rules, ...more },
    keyOf: ({ key }) => key,
    late: (_order, answer) => late.push(answer),
    run: async (orders, signal) => {
      signals.push(signal);
      const place = groups.push(orders.map(({ number }) => number)) - 1;
      at(starts, place).resolve();
      await at(gates, place).promise;
      return orders.map(({ key, number }) => `${key}${number}`);
    },
  });
  return {
    ...{ ask, groups, signals, late },
    begun: (place) => at(starts, place).promise,
    end: (place, error) =>
      error === undefined ? at(gates, place).resolve() : at(gates, place).reject(error),
  };
}

test("[DA56] what waits together goes together, at most so many, in the order of asking", async () => {
  const { ask, groups, end } = slow();
  const answers = [1, 2, 3, 4, 5, 6].map((number) => ask({ key: `k${number}`, number }));
  end(0);
  end(1);
  assert.deepEqual(await Promise.all(answers), ["k11", "k22", "k33", "k44", "k55", "k66"]);
  assert.deepEqual(groups, [
    [1, 2, 3, 4],
    [5, 6],
  ]);
});

test("[DA56] who came while a group ran waits for whoever that group sends back", async () => {
  const { ask, groups, begun, end } = slow();
  const first = ask({ key: "a", number: 1 });
  await begun(0);
  const second = ask({ key: "b", number: 2 });
  end(0);
  const back = first.then(() => ask({ key: "a", number: 3 }));
  end(1);
  assert.deepEqual(await Promise.all([second, back]), ["b2", "a3"]);
  assert.deepEqual(groups, [[1], [2, 3]]);
});

test("[DA57] a key whose group runs waits, and the others go on without it", async () => {
  const { ask, groups, begun, end } = slow({ lanes: 2 });
  const hot = [ask({ key: "hot", number: 1 })];
  await begun(0);
  hot.push(ask({ key: "hot", number: 2 }), ask({ key: "hot", number: 3 }));
  const other = ask({ key: "cold", number: 4 });
  await begun(1);
  end(1);
  assert.equal(await other, "cold4");
  assert.deepEqual(groups, [[1], [4]], "the hot key is not in two groups");
  end(0);
  end(2);
  assert.deepEqual(await Promise.all(hot), ["hot1", "hot2", "hot3"]);
  assert.deepEqual(groups[2], [2, 3]);
});

test("[DA57] one key has so many places in the queue, and all together so many", async () => {
  const { ask, begun, end } = slow({ queue: 4 });
  const first = ask({ key: "hot", number: 0 });
  await begun(0);
  const hot = [1, 2, 3].map((number) => ask({ key: "hot", number }));
  await assert.rejects(ask({ key: "hot", number: 4 }), /3 requests for screens of this account/);
  const cold = ask({ key: "cold", number: 5 });
  await assert.rejects(ask({ key: "more", number: 6 }), /4 requests for screens of all accounts/);
  end(0);
  end(1);
  await Promise.all([first, ...hot, cold]);
  end(2);
  assert.equal(await ask({ key: "hot", number: 7 }), "hot7", "the places are free again");
});

test("[DA56] who gives up waiting is not asked for; who gives up later is told at once", async () => {
  const { ask, groups, begun, end } = slow();
  const [early, late] = [new AbortController(), new AbortController()];
  const running = ask({ key: "a", number: 1 }, late.signal);
  await begun(0);
  const waiting = ask({ key: "b", number: 2 }, early.signal);
  const third = ask({ key: "c", number: 3 });
  early.abort(new Error("gone away"));
  await assert.rejects(waiting, /gone away/);
  late.abort(new Error("too late"));
  await assert.rejects(running, /too late/);
  await assert.rejects(ask({ key: "d", number: 4 }, AbortSignal.abort(new Error("never"))), /never/);
  end(0);
  end(1);
  assert.equal(await third, "c3");
  assert.deepEqual(groups, [[1], [3]]);
});

test("[DA56] nobody waits longer than the deadline", async () => {
  const { ask, begun } = slow({ deadlineSeconds: 0.02 });
  const running = ask({ key: "a", number: 1 });
  await begun(0);
  const waiting = ask({ key: "a", number: 2 });
  for (const one of [running, waiting]) await assert.rejects(one, /did not answer within/);
});

test("[DA56] a group that fails is asked for one by one; a database that is away is asked once", async () => {
  const asked: number[][] = [];
  const work = (fault: Fault): ReturnType<typeof grouped<Order, string>> =>
    grouped<Order, string>({
      rules,
      keyOf: ({ key }) => key,
      run: async (orders) => {
        asked.push(orders.map(({ number }) => number));
        if (orders.some(({ number }) => number === 2)) throw fault;
        return orders.map(({ number }) => `${number}`);
      },
    });
  const three = (ask: (order: Order) => Promise<string>): Promise<PromiseSettledResult<string>[]> =>
    Promise.allSettled([1, 2, 3].map((number) => ask({ key: `${number}`, number })));
  const bad = await three(work(new Fault(dataFaults.valueRefused, { reason: "NUL" })));
  assert.deepEqual(
    bad.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
  assert.deepEqual(asked, [[1, 2, 3], [1], [2], [3]]);
  asked.length = 0;
  const away = await three(work(new Fault(dataFaults.databaseUnreachable, { address: "x", reason: "y" })));
  assert.deepEqual(
    away.map(({ status }) => status),
    ["rejected", "rejected", "rejected"],
  );
  assert.deepEqual(asked, [[1, 2, 3]]);
});

test("[DA65] a group hears when nobody of it waits any more, and what it did all the same is handed on", async () => {
  const { ask, signals, late, begun, end } = slow();
  const [one, other] = [new AbortController(), new AbortController()];
  const first = ask({ key: "a", number: 1 }, one.signal);
  const second = ask({ key: "b", number: 2 }, other.signal);
  await begun(0);
  one.abort(new Error("gone"));
  await assert.rejects(first, /gone/);
  assert.equal(signals[0]?.aborted, false, "the other one waits still");
  end(0);
  assert.equal(await second, "b2");
  assert.deepEqual(late, ["a1"]);
  const last = new AbortController();
  const alone = ask({ key: "c", number: 3 }, last.signal);
  await begun(1);
  last.abort(new Error("gone too"));
  await assert.rejects(alone, /gone too/);
  assert.equal(signals[1]?.aborted, true);
  end(1, new Error("undone"));
  other.abort();
  assert.equal(signals[0]?.aborted, false, "who was answered has not given up");
});

test("[DA65] of a group that failed nobody is asked for again who has gone", async () => {
  const { ask, groups, begun, end } = slow();
  const gone = new AbortController();
  const first = ask({ key: "a", number: 1 }, gone.signal);
  const second = ask({ key: "b", number: 2 });
  await begun(0);
  gone.abort(new Error("gone"));
  await assert.rejects(first, /gone/);
  end(0, new Error("one of them spoils it"));
  await begun(1);
  end(1);
  assert.equal(await second, "b2");
  assert.deepEqual(groups, [[1, 2], [2]]);
});

test("[DA231] a group's answers are told a few at a time, in order", async () => {
  const { ask, begun, end } = slow({ size: 20 });
  const told: number[] = [];
  const all = Array.from({ length: 20 }, (_, number) =>
    ask({ key: `k${number}`, number }).then(() => told.push(number)),
  );
  await begun(0);
  end(0);
  await new Promise(setImmediate);
  assert.equal(told.length, 8, "told before the next look");
  await Promise.all(all);
  assert.deepEqual(
    told,
    all.map((_, number) => number),
  );
});

test("[DA231] where a statement holds up the thread, all of a group are told before the next one is begun", async () => {
  const { ask, groups, begun, end } = slow({ size: 20, toldAtOnce: 20 });
  const round = (): Promise<string>[] =>
    Array.from({ length: 20 }, (_, number) => ask({ key: `k${number}`, number }));
  const again = round().map((told, number) =>
    told.then(() => {
      const until = performance.now() + 1;
      while (performance.now() < until);
      return ask({ key: `k${number}`, number });
    }),
  );
  await begun(0);
  for (const nth of [0, 1, 2, 3, 4]) end(nth);
  await Promise.all(again);
  assert.deepEqual(
    groups.map((group) => group.length),
    [20, 20],
    "who was just answered is in the next group",
  );
});
