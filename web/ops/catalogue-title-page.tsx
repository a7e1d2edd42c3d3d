// One title or work: what it is, who may watch it where and when, its pictures, its subtitles, and its keys.
import "#web/ops/catalogue/catalogue.css";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useSignedIn } from "#web/app/session.ts";
import { Boundary } from "#web/boundary.tsx";
import { useDocumentTitle } from "#web/notice.tsx";
import { catalogueWords } from "#web/ops/catalogue/catalogue-words.ts";
import { Pictures } from "#web/ops/catalogue/pictures.tsx";
import { Rights } from "#web/ops/catalogue/rights.tsx";
import { SubtitlesPanel } from "#web/ops/catalogue/subtitles.tsx";
import { TitleFacts } from "#web/ops/catalogue/title-facts.tsx";
import { TitleKeysPanel } from "#web/ops/catalogue/title-keys.tsx";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import { getOpsCatalogTitlesById } from "./catalogue-client.ts";
import { opsWords } from "./ops-words.ts";
import { Panel } from "./panel.tsx";

export function CatalogueTitlePage(): ReactElement {
  const ops = useWords(opsWords);
  const say = useWords(catalogueWords);
  const { me } = useSignedIn();
  const { id } = useParams({ from: "/shell/ops/catalogue/$id" });
  const asked = getOpsCatalogTitlesById(id);
  const resource = useResource(asked);
  const name = resource.value?.row.name ?? id;
  useDocumentTitle(name);
  const frame = { path: asked.path, email: me.email, resource };
  return (
    <>
      <header className="of-title">
        <Link to="/ops/catalogue">{ops("catalogue")}</Link>
        <h1>
          <bdi>{name}</bdi>
        </h1>
      </header>
      <Boundary>
        <Panel id="title" title={say("titlePanel")} {...frame}>
          {(value) => <TitleFacts value={value} onChange={resource.reload} />}
        </Panel>
      </Boundary>
      <Boundary>
        <Panel id="rights" title={say("rightsPanel")} {...frame}>
          {(value) => <Rights key={JSON.stringify(value.work)} value={value} onChange={resource.reload} />}
        </Panel>
      </Boundary>
      <Boundary>
        <Panel id="pictures" title={say("pictures")} {...frame}>
          {(value) => <Pictures value={value} onChange={resource.reload} />}
        </Panel>
      </Boundary>
      {resource.value?.row.publishedAtMs != null && (
        <>
          <Boundary>
            <SubtitlesPanel id={resource.value.row.id} email={me.email} onChange={resource.reload} />
          </Boundary>
          <Boundary>
            <TitleKeysPanel id={resource.value.row.id} email={me.email} />
          </Boundary>
        </>
      )}
    </>
  );
}
