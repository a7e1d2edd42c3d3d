import assert from "node:assert/strict";
import { test } from "node:test";
import { wideUrls } from "./picture.ts";

const picture = (kind: "poster" | "backdrop" | "logo" | "still", width: number, height: number) => ({
  ...{ kind, width, height },
  path: `/artwork/${kind}`,
});

test("[WE66] a film is shown by the catalogue's wide picture, else by a frame of its own; a portrait is not cut", () => {
  const all = [picture("poster", 600, 900), picture("still", 640, 360), picture("backdrop", 1280, 720)];
  assert.deepEqual(wideUrls(all, "/p"), ["/artwork/backdrop", "/artwork/still", "/p"]);
  assert.deepEqual(wideUrls([picture("poster", 600, 900)], "/p"), ["/p"]);
  assert.deepEqual(wideUrls([picture("poster", 900, 600)], "/p"), ["/artwork/poster", "/p"]);
  assert.deepEqual(wideUrls([picture("logo", 900, 300)]), []);
  assert.deepEqual(wideUrls(undefined, "/p"), ["/p"]);
});
