// Who watches now.
import type { ReactElement } from "react";
import { useSignedIn } from "#web/app/session.ts";
import { Boundary } from "#web/boundary.tsx";
import { useDocumentTitle } from "#web/notice.tsx";
import { useWords } from "#web/words/say.ts";
import { opsWords } from "./ops-words.ts";
import { PageHead } from "./page-head.tsx";
import { SessionsPanel } from "./sessions.tsx";
import { sessionsWords } from "./sessions-words.ts";

export function SessionsPage(): ReactElement {
  const say = useWords(opsWords);
  const tell = useWords(sessionsWords);
  const { me } = useSignedIn();
  useDocumentTitle(say("sessions"));
  return (
    <>
      <PageHead title={say("sessions")} about={tell("about")} />
      <Boundary>
        <SessionsPanel email={me.email} />
      </Boundary>
    </>
  );
}
