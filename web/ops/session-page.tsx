// One session, replayed from what its player told.
import "./sessions.css";
import { useParams } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useSignedIn } from "#web/app/session.ts";
import { Boundary } from "#web/boundary.tsx";
import { useDocumentTitle } from "#web/notice.tsx";
import { useWords } from "#web/words/say.ts";
import { PageHead } from "./page-head.tsx";
import { SessionReplay } from "./session-replay.tsx";
import { sessionsWords } from "./sessions-words.ts";

export function SessionPage(): ReactElement {
  const say = useWords(sessionsWords);
  const { me } = useSignedIn();
  const { id } = useParams({ from: "/shell/ops/sessions/$id" });
  useDocumentTitle(say("session"));
  return (
    <>
      <PageHead title={say("session")} about={say("aboutOne")} />
      <Boundary>
        <SessionReplay key={id} id={id} email={me.email} />
      </Boundary>
    </>
  );
}
