// How each shot was encoded, and what it saved.
import type { ReactElement } from "react";
import { useSignedIn } from "#web/app/session.ts";
import { Boundary } from "#web/boundary.tsx";
import { useDocumentTitle } from "#web/notice.tsx";
import { useWords } from "#web/words/say.ts";
import { EncodePanel } from "./encode.tsx";
import { opsWords } from "./ops-words.ts";

export function EncodePage(): ReactElement {
  const say = useWords(opsWords);
  const { me } = useSignedIn();
  useDocumentTitle(say("encode"));
  return (
    <>
      <h1>{say("encode")}</h1>
      <Boundary>
        <EncodePanel email={me.email} />
      </Boundary>
    </>
  );
}
