import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parseSync } from "vite";
import { literalsIn } from "./literals.ts";

/** Not moved to catalogues yet. This list can only shrink: a file that is clean, or new, must not stand here. */
const notYet: readonly string[] = [
  "web/ops/placement-figures.tsx",
  "web/ops/placement-why.tsx",
  "web/ops/placement.tsx",
  "web/ops/sessions.tsx",
  "web/player/drawer.tsx",
  "web/player/player.tsx",
  "web/player/timeline-figure.tsx",
];

function literals(path: string, text = readFileSync(path, "utf8")): readonly string[] {
  const { program, errors } = parseSync(path, text);
  assert.deepEqual(errors, [], path);
  return literalsIn(program);
}

test("[WE63] no page says a sentence that stands outside of a catalogue, but those on a list that only shrinks", (t) => {
  const files = globSync("web/**/*.tsx").sort();
  assert.ok(files.length > 50);
  const guilty = files.filter((path) => literals(path).length > 0);
  const fresh = guilty.filter((path) => !notYet.includes(path));
  assert.deepEqual(fresh, [], JSON.stringify(fresh.map((path) => [path, literals(path)])));
  const moved = notYet.filter((path) => !guilty.includes(path));
  if (moved.length > 0) t.diagnostic(`clean by now, and to be taken off the list: ${moved.join(", ")}`);
});

test("[WE63] planted sentences are found, whatever way they come in", () => {
  const inPage = (jsx: string): readonly string[] => literals("planted.tsx", `const a = ${jsx};`);
  assert.deepEqual(inPage("<p>Look here</p>"), ["Look here"]);
  assert.deepEqual(inPage('<p>{busy ? "Wait" : say("go")}</p>'), ["Wait"]);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code
  assert.deepEqual(inPage("<p>{busy && `Still ${count} left`}</p>"), ["Still", "left"]);
  assert.deepEqual(inPage('<button aria-label="Close" className="quiet" />'), ["Close"]);
  assert.deepEqual(inPage('<p lang="en">The record</p>'), []);
  assert.deepEqual(inPage('<p><code>npm start</code> {say("help")} · {height}p</p>'), []);
});
