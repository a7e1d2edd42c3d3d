import assert from "node:assert/strict";
import { test } from "node:test";
import { leastRoom } from "./disk-room.ts";

test("[EN101] two hours of 1080p need tens of gigabytes when they have to be normalised, and few when not", () => {
  const film = { display: { width: 1920, height: 1080 }, frames: 2 * 3600 * 24, jobs: 2 };
  const gigabytes = (isNormalised: boolean): number => leastRoom({ ...film, isNormalised }) / 1e9;
  assert.equal(gigabytes(true).toFixed(1), "31.4");
  assert.equal(gigabytes(false).toFixed(1), "9.0");
});
