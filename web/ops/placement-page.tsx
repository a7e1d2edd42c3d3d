// Which box stores what, and why.
import type { ReactElement } from "react";
import { useSignedIn } from "#web/app/session.ts";
import { Boundary } from "#web/boundary.tsx";
import { useDocumentTitle } from "#web/notice.tsx";
import { useWords } from "#web/words/say.ts";
import { opsWords } from "./ops-words.ts";
import { PageHead } from "./page-head.tsx";
import { PlacementPanel } from "./placement.tsx";
import { placementWords } from "./placement-words.ts";

export function PlacementPage(): ReactElement {
  const say = useWords(opsWords);
  const tell = useWords(placementWords);
  const { me } = useSignedIn();
  useDocumentTitle(say("placement"));
  return (
    <>
      <PageHead title={say("placement")} about={tell("about")} />
      <Boundary>
        <PlacementPanel email={me.email} />
      </Boundary>
    </>
  );
}
