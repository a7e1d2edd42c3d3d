// The language of the pages, for who is not signed in and has no menu yet.
import type { ReactElement } from "react";
import { chooseLanguage, languageFor, languages, useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import { shellWords } from "#web/words/shell.ts";

export function LanguageSelect(): ReactElement {
  const say = useWords(shellWords);
  const { tag } = useLanguage();
  return (
    <select
      className="language"
      aria-label={say("language")}
      value={tag}
      onChange={(event) => chooseLanguage(languageFor([event.target.value]).tag)}
    >
      {languages.map((one) => (
        <option key={one.tag} value={one.tag} lang={one.tag}>
          {one.name}
        </option>
      ))}
    </select>
  );
}
