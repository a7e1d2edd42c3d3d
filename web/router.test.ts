import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "#units/random.ts";
import type { Route } from "./router.ts";
import { hrefOf, parseRoute } from "./router.ts";

test("[WE4] every page has an address", () => {
  assert.deepEqual(parseRoute("/"), { kind: "home" });
  assert.deepEqual(parseRoute("/title/bunny"), { kind: "title", id: "bunny" });
  assert.deepEqual(parseRoute("/watch/bunny/"), { kind: "watch", id: "bunny", from: "ask" });
  assert.deepEqual(parseRoute("/watch/bunny?from=resume"), { kind: "watch", id: "bunny", from: "resume" });
  assert.deepEqual(parseRoute("/watch/bunny?from=nowhere"), { kind: "watch", id: "bunny", from: "ask" });
  assert.deepEqual(parseRoute("/ops"), { kind: "ops" });
});

test("[WE4] an address that means nothing is unknown", () => {
  for (const path of ["/title", "/watch/a/b", "/ops/x", "/nowhere"]) {
    assert.deepEqual(parseRoute(path), { kind: "unknown", path });
  }
});

test("[WE4] a route's address leads back to it, whatever the id", () => {
  const random = seededRandom(4);
  const letters = [..."aZ0-._~/%?#&= +'\"<>é日🎬\\"];
  for (let round = 0; round < 500; round++) {
    const id = Array.from(
      { length: random.integer(1, 12) },
      () => letters[random.integer(0, letters.length - 1)],
    ).join("");
    const routes: Route[] = [{ kind: "title", id }];
    for (const from of ["ask", "resume", "beginning"] as const) routes.push({ kind: "watch", id, from });
    for (const route of routes)
      assert.deepEqual(parseRoute(hrefOf(route)), route, `seed 4, id ${JSON.stringify(id)}`);
  }
});

test("[WE4] a broken encoding is an id that will not be found, not a failure", () => {
  assert.deepEqual(parseRoute("/title/%E0%A4"), { kind: "title", id: "%E0%A4" });
});
