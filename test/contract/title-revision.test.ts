// What is promised about another package of a title that is published, on every database and in memory.
import assert from "node:assert/strict";
import { fresh, onEachAndInMemory, title } from "./stores-builders.ts";

onEachAndInMemory(
  "[DA351] a package takes another's place only while that one is there, and the title stays as it was",
  async (stores) => {
    const { catalog } = stores;
    const first = title(`film-${fresh()}`);
    const { id } = first;
    const [second, third] = ["q.jpg", "r.jpg"].map((poster) => ({ ...first.package, poster }));
    assert.ok(second !== undefined && third !== undefined);
    assert.equal(await catalog.revise(id, first.package, second), false);
    await catalog.publish(first);
    const both = [second, third].map((next) => catalog.revise(id, first.package, next));
    assert.deepEqual((await Promise.all(both)).toSorted(), [false, true]);
    const now = (await catalog.title(id))?.package.poster === "q.jpg" ? second : third;
    assert.deepEqual(await catalog.title(id), { ...first, package: now });
    assert.equal(await catalog.revise(id, now, first.package), true);
    assert.deepEqual(await catalog.title(id), first);
  },
);
