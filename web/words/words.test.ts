import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { IntlMessageFormat } from "intl-messageformat";
import { languageFor, languages } from "./language.ts";
import { say } from "./say.ts";

const [english, arabic] = languages;
assert.ok(english !== undefined && arabic !== undefined);

/** What a message takes: the names in its braces, plural forms and tags aside. */
function namesIn(message: string, locale: string): readonly string[] {
  const names = new Set<string>();
  const walk = (parts: readonly unknown[]): void => {
    for (const part of parts) {
      const { type, value, options, children } = Object(part);
      if (type === 0 || type === 7) continue;
      names.add(value);
      for (const one of Object.values(options ?? {})) walk(Object(one).value);
      if (Array.isArray(children)) walk(children);
    }
  };
  walk(new IntlMessageFormat(message, locale).getAst());
  return [...names].sort();
}

async function catalogueIn(path: string): Promise<Readonly<Record<string, string>>> {
  const found = Object.values(await import(resolve(path)));
  assert.equal(found.length, 1, `${path} has one catalogue`);
  return Object(found[0]);
}

test("[WE60] every catalogue says the same things in every language, with the same values", async () => {
  const files = globSync("web/**/*-en.ts").sort();
  assert.ok(files.length > 0);
  for (const file of files) {
    const en = await catalogueIn(file);
    const ar = await catalogueIn(file.replace("-en.ts", "-ar.ts"));
    assert.deepEqual(Object.keys(ar).sort(), Object.keys(en).sort(), file);
    for (const [id, message] of Object.entries(en))
      assert.deepEqual(
        namesIn(String(ar[id]), arabic.locale),
        namesIn(message, english.locale),
        `${file}: ${id}`,
      );
  }
});

test("[WE60] a planted message with other values is found", () => {
  assert.notDeepEqual(namesIn("{count} films", "en"), namesIn("{number} films", "en"));
  assert.deepEqual(namesIn("{count, plural, one {# film of {name}} other {# films}}", "en"), [
    "count",
    "name",
  ]);
});

test("[WE61] the language is the first wish that is spoken, else English", () => {
  assert.equal(languageFor(["fr", "ar-EG", "en"]).tag, "ar");
  assert.equal(languageFor(["de-CH", "fr"]).tag, "en");
  assert.equal(languageFor([]).tag, "en");
});

test("[WE100] a name or a quantity keeps its own direction among Arabic words", () => {
  const words = say("{part} من {whole}", arabic, { part: "0 bit/s", whole: "10 Gbit/s" });
  assert.equal(words, "\u20680 bit/s\u2069 من \u206810 Gbit/s\u2069");
  assert.equal(say("{part} of {whole}", english, { part: "0 bit/s", whole: "2" }), "0 bit/s of 2");
});

test("[WE62] plural forms are those of the language", () => {
  const message =
    "{count, plural, zero {لا أفلام} one {فيلم واحد} two {فيلمان} few {# أفلام} other {# فيلم}}";
  const words = [0, 1, 2, 3, 100].map((count) => say(message, arabic, { count }));
  assert.deepEqual(words, ["لا أفلام", "فيلم واحد", "فيلمان", "3 أفلام", "100 فيلم"]);
});
