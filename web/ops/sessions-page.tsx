// Who watches now.
import type { ReactElement } from "react";
import { useSignedIn } from "#web/app/session.ts";
import { Boundary } from "#web/boundary.tsx";
import { useDocumentTitle } from "#web/notice.tsx";
import { useWords } from "#web/words/say.ts";
import { opsWords } from "./ops-words.ts";
import { SessionsPanel } from "./sessions.tsx";

export function SessionsPage(): ReactElement {
  const say = useWords(opsWords);
  const { me } = useSignedIn();
  useDocumentTitle(say("sessions"));
  return (
    <>
      <h1>{say("sessions")}</h1>
      <Boundary>
        <SessionsPanel email={me.email} />
      </Boundary>
    </>
  );
}
