// Parts of a job's state, on every database there is.
import assert from "node:assert/strict";
import { fresh, onEach } from "./stores-builders.ts";

const noBytes = {
  ...{ all: 0, offloaded: 0, best: 0, content: 0, health: 0, capacity: 0, other: 0, unjoined: 0 },
};

onEach(
  "[DA330] parts of a job's state are written once each, with the state, and go when they are not needed",
  async ({ qoe }) => {
    const name = fresh();
    const save = (at: number, from: number, ...ids: readonly number[]): Promise<void> =>
      qoe.save({
        ...{ name, position: { "0": at }, state: at, records: [] },
        parts: { from, until: 12, put: ids.map((id) => ({ id, part: [`${id} ä`, at] })) },
      });
    const parts = async (): Promise<unknown> => (await qoe.job(name))?.parts;
    await save(1, 0, 0, 1, 10);
    await qoe.save({ name, position: { "0": 2 }, state: 2, records: [] });
    const [first, second, third] = [0, 1, 10].map((id) => ({ id, part: [`${id} ä`, 1] }));
    assert.deepEqual(await parts(), [first, second, third]);
    await save(3, 1, 11);
    assert.deepEqual(await parts(), [second, third, { id: 11, part: ["11 ä", 3] }]);
    const bad = { kind: "misses", startMs: 0, site: "\0", late: "", ...noBytes } as const;
    const lost = { from: 11, until: 13, put: [{ id: 12, part: [] }] };
    await assert.rejects(qoe.save({ name, position: {}, state: 4, records: [bad], parts: lost }));
    assert.deepEqual(
      [(await qoe.job(name))?.state, await parts()],
      [3, [second, third, { id: 11, part: ["11 ä", 3] }]],
    );
    await qoe.save({
      name: `${name} 2`,
      position: {},
      state: 0,
      records: [],
      parts: { from: 99, until: 99, put: [] },
    });
    assert.equal((await qoe.job(name))?.parts.length, 3, "another job's parts are its own");
    const older = { from: 1, until: 11, put: [{ id: 10, part: "anew" }] };
    await qoe.save({ name, position: {}, state: 0, records: [], parts: older });
    assert.deepEqual(
      await parts(),
      [second, { id: 10, part: "anew" }],
      "of a state from before the latest part",
    );
  },
);
