// `millrace recommend evaluate` as a person calls it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readHistory } from "#bin/history-file.ts";
import { sampleTaste } from "#catalog/sample-taste.ts";
import { millraceIn, writtenIn } from "#test/fixtures/command.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-recommend-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("[CA76] a file's history is measured beside popularity, and a seed repeats it", () => {
  const history = sampleTaste({ profiles: 300, titles: 80, genres: 8, perProfile: 9, seed: 3 });
  const lines = history.map((row) => JSON.stringify(row)).join("\n");
  const file = writtenIn(folder, "history.ndjson", lines);
  const once = millraceIn(folder, ["recommend", "evaluate", file, "--seed", "4", "--json"]);
  assert.equal(once.status, 0, once.err);
  const said = JSON.parse(once.out);
  assert.ok(said.asked > 20 && said.taste.recall20 > said.popularity.recall20, once.out);
  assert.equal(millraceIn(folder, ["recommend", "evaluate", file, "--seed", "4", "--json"]).out, once.out);
  const empty = millraceIn(folder, ["recommend", "evaluate", writtenIn(folder, "empty.csv", "")]);
  assert.deepEqual([empty.status, empty.out], [1, ""]);
  assert.match(empty.err, /Nothing can be said about taste yet: 0 profiles watched 5 titles/);
  assert.equal(millraceIn(folder, ["recommend", "evaluate", "--seed", "x"]).status, 2);
});

test("[CA76] columns like MovieLens' are read, small ratings left out, and a line that does not fit is named", async () => {
  const read = (text: string, most = 10) => readHistory(writtenIn(folder, "h.csv", text), most);
  assert.deepEqual(await read("\uFEFFuserId,movieId,rating,timestamp\r\n1,2,4.5,77\r\n1,3,3.5,78\r\n"), [
    { profileId: "1", titleId: "2", atMs: 77 },
  ]);
  assert.deepEqual(await read("titleId,profileId\nx,p\n\n"), [{ profileId: "p", titleId: "x", atMs: 0 }]);
  assert.deepEqual(await read('{"profileId":"p","titleId":"x"}'), [
    { profileId: "p", titleId: "x", atMs: 0 },
  ]);
  const bad = [
    ["a,b\n1,2", /line 1: wanted columns profileId and titleId/],
    ["profileId,titleId\n1,2\n1", /line 3: wanted 2 cells/],
    ['profileId,titleId\n"1,5",2', /line 2: wanted 2 cells without quotes/],
    ["profileId,titleId\n,2", /line 2: profile and title must not be empty/],
    ["profileId,titleId,atMs\n1,2,soon", /line 2: "soon" is no moment/],
    ['{"profileId":"p","titleId":"x"}\n{"profileId":5}', /line 2: wanted \{profileId/],
    ['{"profileId":"p","titleId":"x"}\n{', /line 2: it is not JSON/],
  ] as const;
  for (const [text, words] of bad) await assert.rejects(read(text), words);
  await assert.rejects(read("profileId,titleId\n1,2\n1,3", 1), /more than 1 lines/);
});
