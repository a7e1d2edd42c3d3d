import assert from "node:assert/strict";
import { test } from "node:test";
import { layoutOf } from "./encode-layout.ts";

test("[EN117] an encrypted film's work lies beside what is published, a clear one's in it", () => {
  assert.equal(layoutOf("/o/film", "clear").workDir, "/o/film/work");
  const { workDir, words } = layoutOf("/o/film", "encrypted");
  assert.equal(workDir, "/o/film.work");
  assert.match(words, /^publish {6}\/o\/film\/hls, \/o\/film\/dash and \/o\/film\/package together/);
  assert.match(
    words,
    /\/o\/film\.work is the film in the clear .*; \/o\/film\.keys\.json if keys were made$/,
  );
});
