// Who is served from where, and why.
import "./map.css";
import "./overview.css";
import type { ReactElement } from "react";
import { useState } from "react";
import { useSignedIn } from "#web/app/session.ts";
import { Boundary } from "#web/boundary.tsx";
import { useDocumentTitle } from "#web/notice.tsx";
import { useWords } from "#web/words/say.ts";
import type { OpsExplain } from "#wire/ops.ts";
import { MapPanel } from "./map-panel.tsx";
import { opsWords } from "./ops-words.ts";
import { PageHead } from "./page-head.tsx";
import { RoutesPanel } from "./routes.tsx";
import { SteeringPanel } from "./steering.tsx";

export function MapPage(): ReactElement {
  const say = useWords(opsWords);
  const { me } = useSignedIn();
  const [client, setClient] = useState("192.0.2.1");
  const [explained, setExplained] = useState<OpsExplain>();
  useDocumentTitle(say("map"));
  return (
    <>
      <PageHead title={say("map")} about={say("mapAbout")} />
      <Boundary>
        <MapPanel email={me.email} onExplain={setClient} explained={explained} />
      </Boundary>
      <Boundary>
        <SteeringPanel key={client} client={client} email={me.email} onAnswer={setExplained} />
      </Boundary>
      <Boundary>
        <RoutesPanel email={me.email} />
      </Boundary>
    </>
  );
}
