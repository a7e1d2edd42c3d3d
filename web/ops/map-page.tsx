// Who is served from where, and why.
import type { ReactElement } from "react";
import { useSignedIn } from "#web/app/session.ts";
import { Boundary } from "#web/boundary.tsx";
import { useDocumentTitle } from "#web/notice.tsx";
import { useWords } from "#web/words/say.ts";
import { opsWords } from "./ops-words.ts";
import { PageHead } from "./page-head.tsx";
import { RoutesPanel } from "./routes.tsx";
import { SteeringPanel } from "./steering.tsx";

export function MapPage(): ReactElement {
  const say = useWords(opsWords);
  const { me } = useSignedIn();
  useDocumentTitle(say("map"));
  return (
    <>
      <PageHead title={say("map")} about={say("mapAbout")} />
      <Boundary>
        <SteeringPanel email={me.email} />
      </Boundary>
      <Boundary>
        <RoutesPanel email={me.email} />
      </Boundary>
    </>
  );
}
