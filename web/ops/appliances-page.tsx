// The boxes that serve, and what they hear and lack.
import type { ReactElement } from "react";
import { useSignedIn } from "#web/app/session.ts";
import { Boundary } from "#web/boundary.tsx";
import { useDocumentTitle } from "#web/notice.tsx";
import { useWords } from "#web/words/say.ts";
import { AppliancesPanel } from "./appliances.tsx";
import { LintsPanel } from "./lints.tsx";
import { networkWords } from "./network-words.ts";
import { opsWords } from "./ops-words.ts";
import { PageHead } from "./page-head.tsx";
import { RoutesPanel } from "./routes.tsx";

export function AppliancesPage(): ReactElement {
  const say = useWords(opsWords);
  const tell = useWords(networkWords);
  const { me } = useSignedIn();
  useDocumentTitle(say("appliances"));
  return (
    <>
      <PageHead title={say("appliances")} about={tell("aboutAppliances")} />
      <Boundary>
        <AppliancesPanel email={me.email} />
      </Boundary>
      <Boundary>
        <RoutesPanel email={me.email} />
      </Boundary>
      <Boundary>
        <LintsPanel email={me.email} />
      </Boundary>
    </>
  );
}
