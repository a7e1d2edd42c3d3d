// The frame of the pages before somebody is signed in: a card in the middle, and the language below it.
import type { ReactElement, ReactNode } from "react";
import { useWords } from "#web/words/say.ts";
import { shellWords } from "#web/words/shell.ts";
import { LanguageSelect } from "./language-select.tsx";
import { Mark } from "./mark.tsx";

export function Door({ children }: { readonly children: ReactNode }): ReactElement {
  const say = useWords(shellWords);
  return (
    <main className="sign-in" id="content" tabIndex={-1}>
      <div className="door">
        <p className="brand">
          <Mark /> {say("brand")}
        </p>
        {children}
      </div>
      <LanguageSelect />
    </main>
  );
}
