// How the installation is, on one page.
import type { ReactElement } from "react";
import { useSignedIn } from "#web/app/session.ts";
import { Boundary } from "#web/boundary.tsx";
import { useDocumentTitle } from "#web/notice.tsx";
import { useWords } from "#web/words/say.ts";
import { AppliancesPanel } from "./appliances.tsx";
import { LintsPanel } from "./lints.tsx";
import { opsWords } from "./ops-words.ts";
import { PageHead } from "./page-head.tsx";

export function OverviewPage(): ReactElement {
  const say = useWords(opsWords);
  const { me } = useSignedIn();
  useDocumentTitle(say("overview"));
  return (
    <>
      <PageHead title={say("overview")} about={say("overviewAbout")} />
      <Boundary>
        <AppliancesPanel email={me.email} />
      </Boundary>
      <Boundary>
        <LintsPanel email={me.email} />
      </Boundary>
    </>
  );
}
