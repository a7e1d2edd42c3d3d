// The ranked list as steering answered it, with what placed each appliance, what each served, and who was left out.
import type { ReactElement } from "react";
import type { RankedSource } from "#model/steering.ts";
import type { PlayLog } from "#play/log.ts";
import { sourceColour } from "./colours.ts";
import type { PlayerView } from "./view.ts";

const notesShown = 4;

const ruleNames: Readonly<Record<RankedSource["rule"], string>> = {
  "longest-prefix": "longest prefix",
  "as-path": "AS path",
  med: "MED",
  distance: "distance",
  "load-bound": "load bound",
  load: "load",
  "tie-break": "tie-break",
  spread: "second site",
  "origin-last": "origin last",
};

export function Appliances({ view }: { readonly view: PlayerView }): ReactElement {
  const { steering, log } = view;
  const ranked = steering?.ranked ?? [];
  const eliminated = steering?.eliminated ?? [];
  return (
    <>
      {view.steeringTrouble !== undefined && (
        <p className="pl-trouble" role="alert">
          {view.steeringTrouble}
        </p>
      )}
      <ol className="pl-ranked">
        {ranked.map((source) => (
          <li key={source.id} className={serving(log) === source.id ? "pl-serving" : ""}>
            <span className="pl-dot" style={{ background: sourceColour(source.id, log.sourcesUsed) }} />
            <span>
              <b>{source.id}</b> <span className="pl-site">{source.siteName}</span>
              <span className="pl-rule">{ruleNames[source.rule]}</span>
              <br />
              {source.because}
            </span>
            <span className="pl-count">{countText(log, source.id)}</span>
          </li>
        ))}
        {eliminated.map((source) => (
          <li key={source.id} className="pl-out">
            <span className="pl-dot" />
            <span>
              <b>{source.id}</b> <span className="pl-rule">{source.by.replace("-", " ")}</span>
              <br />
              {source.because}
            </span>
          </li>
        ))}
      </ol>
      {log.noted.length > 0 && (
        <ul className="pl-notes">
          {log.noted
            .slice(-notesShown)
            .toReversed()
            .map((note) => (
              <li key={`${note.atMs} ${note.text}`}>{note.text}</li>
            ))}
        </ul>
      )}
    </>
  );
}

function serving(log: PlayLog): string | undefined {
  return log.fetched.findLast((entry) => entry.media === "video")?.sourceId;
}

function countText(log: PlayLog, sourceId: string): string {
  const count = log.fetched.filter((entry) => entry.sourceId === sourceId && entry.media === "video").length;
  return count === 0 ? "" : `${count} seg.`;
}
