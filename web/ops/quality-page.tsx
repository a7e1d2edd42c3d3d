// How well people watch: by two dimensions, over time, what missed its best place, and experiments; each figure leads to what it means.
import "./quality.css";
import type { ReactElement } from "react";
import { useSignedIn } from "#web/app/session.ts";
import { Boundary } from "#web/boundary.tsx";
import { useDocumentTitle } from "#web/notice.tsx";
import { useWords } from "#web/words/say.ts";
import { opsWords } from "./ops-words.ts";
import { PageHead } from "./page-head.tsx";
import { BreakdownPanel } from "./quality-breakdown.tsx";
import { DefinitionsPanel } from "./quality-definitions.tsx";
import { ExperimentsPanel } from "./quality-experiments.tsx";
import { MissesPanel } from "./quality-misses.tsx";
import { SeriesPanel } from "./quality-series.tsx";
import { qualityWords } from "./quality-words.ts";

export function QualityPage(): ReactElement {
  const say = useWords(opsWords);
  const tell = useWords(qualityWords);
  const { me } = useSignedIn();
  useDocumentTitle(say("qoe"));
  const panels = [BreakdownPanel, SeriesPanel, MissesPanel, ExperimentsPanel, DefinitionsPanel];
  return (
    <>
      <PageHead title={say("qoe")} about={tell("about")} />
      {panels.map((Part) => (
        <Boundary key={Part.name}>
          <Part email={me.email} />
        </Boundary>
      ))}
    </>
  );
}
