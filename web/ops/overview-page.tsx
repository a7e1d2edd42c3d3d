// How the installation is, on one page: the last hour in figures, by site and appliance, and what changed.
import "./overview.css";
import type { ReactElement } from "react";
import { useSignedIn } from "#web/app/session.ts";
import { Boundary } from "#web/boundary.tsx";
import { useDocumentTitle } from "#web/notice.tsx";
import { useWords } from "#web/words/say.ts";
import { ByAppliancePanel, BySitePanel } from "./by-site.tsx";
import { ChangesPanel } from "./changes.tsx";
import { FleetStrip } from "./fleet-strip.tsx";
import { LintsPanel } from "./lints.tsx";
import { opsWords } from "./ops-words.ts";
import { PageHead } from "./page-head.tsx";
import { Tiles } from "./tiles.tsx";

export function OverviewPage(): ReactElement {
  const say = useWords(opsWords);
  const { me } = useSignedIn();
  useDocumentTitle(say("overview"));
  return (
    <>
      <PageHead title={say("overview")} about={say("overviewAbout")}>
        <FleetStrip />
      </PageHead>
      <Boundary>
        <Tiles email={me.email} />
      </Boundary>
      <div className="two-thirds">
        <div>
          <Boundary>
            <BySitePanel email={me.email} />
          </Boundary>
          <Boundary>
            <ByAppliancePanel email={me.email} />
          </Boundary>
          <Boundary>
            <LintsPanel email={me.email} />
          </Boundary>
        </div>
        <Boundary>
          <ChangesPanel email={me.email} />
        </Boundary>
      </div>
    </>
  );
}
