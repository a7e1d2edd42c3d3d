import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldsOf } from "#catalog/search-fields.ts";
import { viewOf } from "#catalog/view.ts";
import { memorySearch } from "#test/fixtures/memory-catalog.ts";
import { film } from "#test/fixtures/small-works.ts";
import { searchWorks } from "./search-works.ts";

const sample = film("millrace-sample", { names: { en: "Millrace, a sample" } });
const hidden = film("hidden", { names: { en: "Millstone" } });

async function found(text: string): Promise<readonly string[]> {
  const outcome = await searchWorks({
    ...{ text, limit: 20, view: viewOf(1, []), undescribed: [sample, hidden] },
    fields: fieldsOf,
    index: memorySearch(() => undefined),
    maturity: 18,
    mayShow: ({ id }) => id !== "hidden",
    popularityOf: () => 0,
  });
  return outcome.kind === "found" ? outcome.hits.map(({ work }) => work.id) : [];
}

test("[CO191] titles that only their publication knows of are found with a letter wrong, and no others", async () => {
  assert.deepEqual(await found("millrace"), ["millrace-sample"]);
  assert.deepEqual(await found("milrace"), ["millrace-sample"], "a letter is missing");
  assert.deepEqual(await found("smaple"), ["millrace-sample"], "two are swapped");
  assert.deepEqual(await found("millstine"), [], "what may not be seen is not what was meant");
  assert.deepEqual(await found("windmill"), []);
});
