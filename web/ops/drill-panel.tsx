// Losing an appliance on purpose: the order, what is seen while it runs, and what came of those before.
import type { ReactElement } from "react";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { Experiments } from "#wire/experiment.ts";
import { useAct } from "./act.ts";
import { getOpsDrills, getOpsExperiments, postOpsExperimentsByIdAbort } from "./client.ts";
import { DrillList } from "./drill-list.tsx";
import { drillWords } from "./drill-words.ts";
import { Panel } from "./panel.tsx";
import { ExperimentResult } from "./quality-experiments.tsx";
import { Refusal } from "./refusal.tsx";

const everyMs = 2000;
const shown = 5;

interface PanelProps {
  readonly email: string;
  readonly onChange: () => void;
}

export function DrillPanel({ email, onChange }: PanelProps): ReactElement {
  const say = useWords(drillWords);
  const asked = getOpsDrills();
  const resource = useResource({ ...asked, everyMs });
  const changed = (): void => {
    resource.reload();
    onChange();
  };
  return (
    <Panel id="drills" title={say("results")} path={asked.path} email={email} resource={resource}>
      {({ drills, nowMs }) => (
        <>
          <p className="faint">{say("about")}</p>
          <DrillList drills={drills} nowMs={nowMs} onAborted={changed} />
          <BrokenSegments email={email} />
        </>
      )}
    </Panel>
  );
}

/** Experiments of single appliances; those of all stand on the page of quality. */
function BrokenSegments({ email }: { readonly email: string }): ReactElement {
  const say = useWords(drillWords);
  const { value, reload } = useResource({ ...getOpsExperiments(), everyMs });
  const own = (value?.experiments ?? []).filter(({ order }) => order.applianceId !== undefined);
  return (
    <>
      <h3>{say("experiments")}</h3>
      {own.length === 0 && <p className="soft">{say("noExperiments")}</p>}
      <ul className="drills">
        {own.slice(0, shown).map((one) => (
          <li key={one.id}>
            <OneExperiment experiment={one} email={email} onAborted={reload} />
          </li>
        ))}
      </ul>
    </>
  );
}

interface ExperimentProps {
  readonly experiment: Experiments["experiments"][number];
  readonly email: string;
  readonly onAborted: () => void;
}

function OneExperiment({ experiment, email, onAborted }: ExperimentProps): ReactElement {
  const say = useWords(drillWords);
  const { busy, error, act } = useAct();
  const { id, order, state } = experiment;
  const appliance = order.applianceId ?? "";
  const what = `${say("broken")} ${order.segment}`;
  const abort = (): void =>
    act(async () => {
      await postOpsExperimentsByIdAbort(id);
      onAborted();
    });
  return (
    <article aria-label={say("runs", { what, id: appliance })}>
      <h4>
        {say("runs", { what, id: appliance })}{" "}
        <span className={`drill-state ${state.kind}`}>
          {say(state.kind === "created" ? "createdState" : state.kind)}
        </span>
      </h4>
      {state.kind === "aborted" && (
        <p className="faint" lang="en" dir="auto">
          {state.because}
        </p>
      )}
      {(state.kind === "running" || state.kind === "created") && (
        <p className="drill-time">
          <button
            type="button"
            className="quiet"
            disabled={busy}
            aria-label={say("abortOf", { what, id: appliance })}
            onClick={abort}
          >
            {say("abort")}
          </button>
        </p>
      )}
      <Refusal error={error} />
      <details>
        <summary>{say("figures")}</summary>
        <ExperimentResult id={id} email={email} />
      </details>
    </article>
  );
}
