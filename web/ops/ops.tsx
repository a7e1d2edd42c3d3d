// The operator page: one panel per domain. Each asks its own endpoint, so one that fails leaves the others alone.
import "./ops.css";
import "./tables.css";
import type { ReactElement } from "react";
import { NotHere } from "#web/app/not-here.tsx";
import { useSignedIn } from "#web/app/session.ts";
import { Boundary } from "#web/boundary.tsx";
import { useDocumentTitle } from "#web/notice.tsx";
import { useWords } from "#web/words/say.ts";
import { shellWords } from "#web/words/shell.ts";
import { AppliancesPanel } from "./appliances.tsx";
import { EncodePanel } from "./encode.tsx";
import { LintsPanel } from "./lints.tsx";
import { PlacementPanel } from "./placement.tsx";
import { RoutesPanel } from "./routes.tsx";
import { SessionsPanel } from "./sessions.tsx";
import { SteeringPanel } from "./steering.tsx";

export function OpsPage(): ReactElement {
  const say = useWords(shellWords);
  const { me } = useSignedIn();
  useDocumentTitle("Operator");
  if (me.role === "viewer") return <NotHere what={say("operatorsOnly")} />;
  return (
    <div className="ops">
      <div className="ops-head">
        <h1>Operator</h1>
        <nav aria-label="Panels">
          <a href="#appliances">Appliances</a>
          <a href="#routes">Routes</a>
          <a href="#lints">Lints</a>
          <a href="#placement">Placement</a>
          <a href="#encode">Encode</a>
          <a href="#steering">Steering</a>
          <a href="#sessions">Sessions</a>
        </nav>
      </div>
      <Boundary>
        <AppliancesPanel email={me.email} />
      </Boundary>
      <Boundary>
        <RoutesPanel email={me.email} />
      </Boundary>
      <Boundary>
        <LintsPanel email={me.email} />
      </Boundary>
      <Boundary>
        <PlacementPanel email={me.email} />
      </Boundary>
      <Boundary>
        <EncodePanel email={me.email} />
      </Boundary>
      <Boundary>
        <SteeringPanel email={me.email} />
      </Boundary>
      <Boundary>
        <SessionsPanel email={me.email} />
      </Boundary>
    </div>
  );
}
