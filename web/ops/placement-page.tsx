// Which box stores what, and why.
import type { ReactElement } from "react";
import { useSignedIn } from "#web/app/session.ts";
import { Boundary } from "#web/boundary.tsx";
import { useDocumentTitle } from "#web/notice.tsx";
import { useWords } from "#web/words/say.ts";
import { opsWords } from "./ops-words.ts";
import { PlacementPanel } from "./placement.tsx";

export function PlacementPage(): ReactElement {
  const say = useWords(opsWords);
  const { me } = useSignedIn();
  useDocumentTitle(say("placement"));
  return (
    <>
      <h1>{say("placement")}</h1>
      <Boundary>
        <PlacementPanel email={me.email} />
      </Boundary>
    </>
  );
}
