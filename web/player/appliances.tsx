// The ranked list as steering answered it, with what placed each appliance, what each served, and who was left out.
import type { ReactElement } from "react";
import type { PlayLog } from "#play/log.ts";
import { useWords } from "#web/words/say.ts";
import type { SteeringCard } from "#wire/viewer.ts";
import { sourceColour } from "./colours.ts";
import { drawerWords } from "./drawer-words.ts";
import type { PlayerView } from "./view.ts";

const notesShown = 4;

export function Appliances({ view }: { readonly view: PlayerView }): ReactElement {
  const say = useWords(drawerWords);
  const { steering, log } = view;
  const ranked = steering?.ranked ?? [];
  const eliminated = steering?.eliminated ?? [];
  return (
    <>
      {view.steeringTrouble !== undefined && (
        <p className="pl-trouble" role="alert" lang="en" dir="auto">
          {view.steeringTrouble}
        </p>
      )}
      <ol className="pl-ranked">
        {ranked.map((source) => (
          <li key={source.id} className={serving(log) === source.id ? "pl-serving" : ""}>
            <span className="pl-dot" style={{ background: sourceColour(source.id, log.sourcesUsed) }} />
            <span>
              <b>{source.id}</b> <span className="pl-site">{source.siteName}</span>
              <span className="pl-rule">{say(source.rule)}</span>
              <span className="pl-said" lang="en" dir="auto">
                {source.because}
              </span>
              <Steps steps={source.steps ?? []} />
            </span>
            <span className="pl-count">
              {countText(log, source.id, (count) => say("segments", { count }))}
            </span>
          </li>
        ))}
        {eliminated.map((source) => (
          <li key={source.id} className="pl-out">
            <span className="pl-dot" />
            <span>
              <b>{source.id}</b> <span className="pl-rule">{say(source.by)}</span>
              <span className="pl-said" lang="en" dir="auto">
                {source.because}
              </span>
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
              <li key={`${note.atMs} ${note.text}`} lang="en" dir="auto">
                {note.text}
              </li>
            ))}
        </ul>
      )}
    </>
  );
}

function serving(log: PlayLog): string | undefined {
  return log.fetched.findLast((entry) => entry.media === "video")?.sourceId;
}

type Step = NonNullable<SteeringCard["ranked"][number]["steps"]>[number];

/** What each rule took out, in the order of the rules. */
function Steps({ steps }: { readonly steps: readonly Step[] }): ReactElement | null {
  const say = useWords(drawerWords);
  if (steps.length === 0) return null;
  return (
    <ol className="pl-sieve" aria-label={say("steps")}>
      {steps.map(({ rule, out }) => (
        <li key={rule}>{say("stepOut", { rule: say(rule), out })}</li>
      ))}
    </ol>
  );
}

function countText(log: PlayLog, sourceId: string, words: (count: number) => string): string {
  const count = log.fetched.filter((entry) => entry.sourceId === sourceId && entry.media === "video").length;
  return count === 0 ? "" : words(count);
}
