// What would be without an appliance, and the order to take it out of new plays: what that comes to is told before.
import type { FormEvent, ReactElement } from "react";
import { useRef, useState } from "react";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsMap } from "#wire/ops-network.ts";
import { useAct } from "./act.ts";
import { getOpsAppliancesByIdWithout, getOpsDrills, postOpsAppliancesByIdDrain } from "./client.ts";
import { DrillForm } from "./drill-form.tsx";
import { mapWords } from "./map-words.ts";
import { Panel } from "./panel.tsx";
import { Refusal } from "./refusal.tsx";

interface WithoutProps {
  readonly map: OpsMap;
  readonly picked: string;
  readonly onPick: (applianceId: string) => void;
  readonly email: string;
  readonly onChange: () => void;
}

export function WithoutPanel({ map, picked, onPick, email, onChange }: WithoutProps): ReactElement {
  const say = useWords(mapWords);
  const asked = picked === "" ? undefined : getOpsAppliancesByIdWithout(picked);
  const fallback = getOpsAppliancesByIdWithout("");
  const resource = useResource({ path: asked?.path, schema: fallback.schema });
  const drills = useResource({ ...getOpsDrills(), everyMs: 2000 });
  const question = <Question map={map} picked={picked} onPick={onPick} />;
  const id = picked;
  if (asked === undefined)
    return (
      <section className="panel" id="experiments" aria-labelledby="without-title">
        <h2 id="without-title">{say("whatIf")}</h2>
        {question}
      </section>
    );
  return (
    <Panel
      id="experiments"
      title={say("whatIf")}
      path={asked.path}
      email={email}
      resource={resource}
      question={question}
    >
      {({ sessions, moved, lastCopies, viewpoints, prefixes }) => (
        <>
          <ul>
            <li>{say("withoutPlays", { sessions, id })}</li>
            {moved.length === 0 && <li>{say("withoutNone", { all: viewpoints })}</li>}
            {moved.map(({ viewpointId, name, to }) => (
              <li key={viewpointId}>{say("withoutMoved", { name, to })}</li>
            ))}
            <li>{say("lastCopies", { n: lastCopies })}</li>
          </ul>
          <Drain
            key={id}
            id={id}
            sessions={sessions}
            onDrained={() => {
              resource.reload();
              onChange();
            }}
          />
          <h3>{say("orForAWhile")}</h3>
          {drills.value !== undefined && (
            <DrillForm
              key={`drill ${id}`}
              id={id}
              without={{ sessions, prefixes }}
              mostMs={drills.value.mostMs}
              onBegun={() => {
                drills.reload();
                onChange();
              }}
            />
          )}
        </>
      )}
    </Panel>
  );
}

function Question({ map, picked, onPick }: Pick<WithoutProps, "map" | "picked" | "onPick">): ReactElement {
  const say = useWords(mapWords);
  const pick = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    onPick(String(new FormData(event.currentTarget).get("appliance") ?? "").trim());
  };
  return (
    <>
      <form className="steer-ask" key={picked} onSubmit={pick} aria-label={say("whatIf")}>
        <label>
          {say("choose")}{" "}
          <input
            name="appliance"
            list="map-appliances"
            defaultValue={picked}
            required
            maxLength={64}
            placeholder={say("pick")}
          />
        </label>
        <button type="submit" className="quiet">
          {say("compute")}
        </button>
      </form>
      <datalist id="map-appliances">
        {map.appliances.slice(0, 200).map(({ id }) => (
          <option key={id} value={id} />
        ))}
      </datalist>
    </>
  );
}

interface DrainProps {
  readonly id: string;
  readonly sessions: number;
  readonly onDrained: () => void;
}

/** Of one appliance: what came of it is gone when another is picked. */
function Drain({ id, sessions, onDrained }: DrainProps): ReactElement {
  const say = useWords(mapWords);
  const dialog = useRef<HTMLDialogElement>(null);
  const { busy, error, act } = useAct();
  const [done, setDone] = useState(false);
  const drain = (): void => {
    dialog.current?.close();
    setDone(false);
    act(async () => {
      await postOpsAppliancesByIdDrain(id);
      setDone(true);
      onDrained();
    });
  };
  return (
    <>
      <Refusal error={error} />
      <p role="status">{done && say("drained", { id })}</p>
      <p>
        <button type="button" className="quiet" disabled={busy} onClick={() => dialog.current?.showModal()}>
          {say("drainAsk", { id })}
        </button>
      </p>
      <dialog ref={dialog} className="ask" aria-labelledby="drain-title">
        <h2 id="drain-title">{say("drainTitle", { id })}</h2>
        <p>{say("withoutPlays", { sessions, id })}</p>
        <p>{say("drainWords")}</p>
        <p className="map-tools">
          <button type="button" onClick={drain}>
            {say("confirm")}
          </button>
          <button type="button" className="quiet" onClick={() => dialog.current?.close()}>
            {say("cancel")}
          </button>
        </p>
      </dialog>
    </>
  );
}
