// What changed, newest first: each a sentence that leads to its page.
import { Link } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import { useState } from "react";
import { formatBytes } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import { useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsChange, OpsChanges } from "#wire/ops-network.ts";
import { useAgo } from "./ago.ts";
import { getOpsChanges } from "./client.ts";
import { drillWords } from "./drill-words.ts";
import { networkWords } from "./network-words.ts";
import { overviewWords } from "./overview-words.ts";
import { More, Panel } from "./panel.tsx";

const everyMs = 5000;
const page = 12;
const kinds = ["health", "plan", "title", "experiment", "drill", "catalogue", "order"] as const;
type Kind = OpsChange["kind"] | "all";

export function ChangesPanel({ email }: { readonly email: string }): ReactElement {
  const say = useWords(overviewWords);
  const asked = getOpsChanges({ limit: "200" });
  const resource = useResource({ ...asked, everyMs });
  return (
    <Panel id="changes" title={say("changes")} path={asked.path} email={email} resource={resource}>
      {(value, atMs) => <Changes value={value} nowMs={atMs} />}
    </Panel>
  );
}

function Changes({ value, nowMs }: { readonly value: OpsChanges; readonly nowMs: number }): ReactElement {
  const say = useWords(overviewWords);
  const { locale } = useLanguage();
  const [kind, setKind] = useState<Kind>("all");
  const [limit, setLimit] = useState(page);
  const there = kinds.filter((one) => value.changes.some((change) => change.kind === one));
  const shown = value.changes.filter((change) => kind === "all" || change.kind === kind);
  const moment = (atMs: number): string =>
    new Date(atMs).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
  return (
    <>
      {there.length > 1 && (
        <fieldset className="chips">
          <legend className="unseen">{say("showKind")}</legend>
          {(["all", ...there] as const).map((one) => (
            <button
              key={one}
              type="button"
              className={`chip kind-${one}`}
              aria-pressed={kind === one}
              onClick={() => setKind(one)}
            >
              {say(one)}
            </button>
          ))}
        </fieldset>
      )}
      {shown.length === 0 && <p className="soft">{say(kind === "all" ? "noChanges" : "noChangesOf")}</p>}
      <ol className="changes">
        {shown.slice(0, limit).map((change) => (
          <ChangeLine key={JSON.stringify(change)} change={change} nowMs={nowMs} />
        ))}
      </ol>
      <More shown={Math.min(limit, shown.length)} all={shown.length} onMore={() => setLimit(limit + page)} />
      <p className="faint">
        {say("healthSince", { time: moment(value.healthSinceMs) })}{" "}
        {value.ordersSinceMs !== null && say("ordersSince", { time: moment(value.ordersSinceMs) })}
      </p>
    </>
  );
}

function ChangeLine({ change, nowMs }: { readonly change: OpsChange; readonly nowMs: number }): ReactElement {
  const ago = useAgo();
  const { locale } = useLanguage();
  const because = becauseOf(change);
  return (
    <li className={`kind-${change.kind}`}>
      <time
        dateTime={new Date(change.atMs).toISOString()}
        title={new Date(change.atMs).toLocaleString(locale)}
      >
        {ago(change.atMs, nowMs)}
      </time>
      <div>
        <Sentence change={change} />
        {because !== "" && (
          <p className="faint" lang="en" dir="auto">
            {because}
          </p>
        )}
      </div>
    </li>
  );
}

function becauseOf(change: OpsChange): string {
  switch (change.kind) {
    case "health":
    case "experiment":
    case "drill":
      return change.because;
    case "catalogue":
      return change.note;
    case "order":
      return [change.object, change.outcome === "done" ? "" : change.outcome]
        .filter((text) => text !== "")
        .join(" · ");
    case "plan":
    case "title":
      return "";
  }
}

const turns = {
  created: "becameCreated",
  running: "becameRunning",
  ended: "becameEnded",
  aborted: "becameAborted",
} as const;

const drillTurns = { running: "drillBegan", ended: "drillEnded", aborted: "drillAborted" } as const;

function Sentence({ change }: { readonly change: OpsChange }): ReactNode {
  const say = useWords(overviewWords);
  const name = useWords(networkWords);
  const drill = useWords(drillWords);
  switch (change.kind) {
    case "health":
      return (
        <Link to="/ops/appliances/$id" params={{ id: change.applianceId }}>
          {say("changedHealth", {
            appliance: change.applianceId,
            to: name(change.to),
            from: name(change.from),
          })}
        </Link>
      );
    case "plan":
      return (
        <Link to="/ops/placement">
          {say("changedPlan", { epoch: change.epoch, moved: formatBytes(change.movedBytes) })}
        </Link>
      );
    case "experiment":
      return (
        <Link to="/ops/map" hash="experiments">
          {say(turns[change.became], { id: change.experimentId })}
        </Link>
      );
    case "drill": {
      const { loss, prefix, applianceId: id, by, became } = change;
      const what = prefix === null ? drill(loss) : `${drill(loss)} ${prefix}`;
      return (
        <Link to="/ops/map" hash="drills">
          {say(drillTurns[became], { what, id, by })}
        </Link>
      );
    }
    case "catalogue":
      return <span>{say("changedCatalogue", { version: change.version, works: change.works })}</span>;
    case "title":
      return (
        <Link to="/title/$id" params={{ id: change.titleId }}>
          {say("changedTitle", { name: change.name })}
        </Link>
      );
    case "order":
      return <span>{say("changedOrder", { actor: change.actor, action: change.action })}</span>;
  }
}
