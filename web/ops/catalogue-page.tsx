// What there is to watch: films on their way in, titles and works with their rights, the catalogue as a file, and keys.
import "#web/ops/catalogue/catalogue.css";
import type { ReactElement } from "react";
import { useSignedIn } from "#web/app/session.ts";
import { Boundary } from "#web/boundary.tsx";
import { useDocumentTitle } from "#web/notice.tsx";
import { BringIn } from "#web/ops/catalogue/bring-in.tsx";
import { catalogueWords } from "#web/ops/catalogue/catalogue-words.ts";
import { Imports } from "#web/ops/catalogue/imports.tsx";
import { Keys } from "#web/ops/catalogue/keys.tsx";
import { Masters } from "#web/ops/catalogue/masters.tsx";
import { Metadata } from "#web/ops/catalogue/metadata.tsx";
import { Shelf } from "#web/ops/catalogue/shelf.tsx";
import { useWords } from "#web/words/say.ts";
import { opsWords } from "./ops-words.ts";
import { PageHead } from "./page-head.tsx";

const panels = [
  ["titles", Shelf],
  ["uploads", BringIn],
  ["imports", Imports],
  ["masters", Masters],
  ["metadata", Metadata],
  ["keys", Keys],
] as const;

export function CataloguePage(): ReactElement {
  const say = useWords(opsWords);
  const words = useWords(catalogueWords);
  const { me } = useSignedIn();
  useDocumentTitle(say("catalogue"));
  return (
    <>
      <PageHead title={say("catalogue")} about={words("about")} />
      {panels.map(([name, Part]) => (
        <Boundary key={name}>
          <Part email={me.email} />
        </Boundary>
      ))}
    </>
  );
}
