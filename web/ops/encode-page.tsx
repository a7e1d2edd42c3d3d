// How each shot was encoded, and what it saved.
import "./encode.css";
import type { ReactElement } from "react";
import { useSignedIn } from "#web/app/session.ts";
import { Boundary } from "#web/boundary.tsx";
import { useDocumentTitle } from "#web/notice.tsx";
import { useWords } from "#web/words/say.ts";
import { EncodePanel } from "./encode.tsx";
import { encodeWords } from "./encode-words.ts";
import { EncodeWork } from "./encode-work.tsx";
import { opsWords } from "./ops-words.ts";
import { PageHead } from "./page-head.tsx";

export function EncodePage(): ReactElement {
  const say = useWords(opsWords);
  const tell = useWords(encodeWords);
  const { me } = useSignedIn();
  useDocumentTitle(say("encode"));
  return (
    <>
      <PageHead title={say("encode")} about={tell("about")} />
      <Boundary>
        <EncodeWork email={me.email} />
      </Boundary>
      <Boundary>
        <EncodePanel email={me.email} />
      </Boundary>
    </>
  );
}
