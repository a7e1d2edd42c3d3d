// Orders the loss of an appliance: which, for how long, and a last question that says what viewers will notice.
import type { FormEvent, ReactElement } from "react";
import { useId, useRef, useState } from "react";
import { useWords } from "#web/words/say.ts";
import type { OpsWithout } from "#wire/ops-network.ts";
import { useAct } from "./act.ts";
import {
  postOpsAppliancesByIdDrillsByKind,
  postOpsExperiments,
  postOpsExperimentsByIdStart,
} from "./client.ts";
import { type Loss, type LossKind, lossKinds, lossOrder } from "./drill-order.ts";
import { drillWords } from "./drill-words.ts";
import { Refusal } from "./refusal.tsx";

interface FormProps {
  readonly id: string;
  readonly without: Pick<OpsWithout, "sessions" | "prefixes">;
  readonly mostMs: number;
  readonly onBegun: () => void;
}

const usualSeconds = 60;

/** Of one appliance: what came of it is gone when another is picked. */
export function DrillForm({ id, without, mostMs, onBegun }: FormProps): ReactElement {
  const say = useWords(drillWords);
  const dialog = useRef<HTMLDialogElement>(null);
  const { busy, error, act } = useAct();
  const [kind, setKind] = useState<LossKind>("drain");
  const [loss, setLoss] = useState<Loss>();
  const [done, setDone] = useState(false);
  const ask = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const number = (name: string): number => Number(form.get(name) ?? 0);
    const prefix = String(form.get("prefix") ?? "").trim();
    setDone(false);
    setLoss({
      kind,
      prefix,
      seconds: number("seconds"),
      segment: number("segment"),
      percent: number("percent"),
    });
    dialog.current?.showModal();
  };
  const begin = (wish: Loss): void => {
    dialog.current?.close();
    act(async () => {
      await sent(id, wish);
      setDone(true);
      onBegun();
    });
  };
  return (
    <>
      <form className="drill-form" onSubmit={ask} aria-label={say("lose")}>
        <Kinds id={id} kind={kind} onKind={setKind} />
        <div className="steer-ask">
          <Fields kind={kind} prefixes={without.prefixes} mostMs={mostMs} />
          <button type="submit" className="quiet" disabled={busy}>
            {say("begin")}
          </button>
        </div>
      </form>
      <Refusal error={error} />
      <p role="status">{done && say("begun")}</p>
      <dialog ref={dialog} className="ask" aria-labelledby="drill-title">
        {loss !== undefined && (
          <>
            <h2 id="drill-title">{say("ask", { what: say(loss.kind), id, n: loss.seconds })}</h2>
            <p>{say(`${loss.kind}Does`, { id })}</p>
            <p>{say(`${loss.kind}Felt`, { ...loss, id, sessions: without.sessions })}</p>
            <p className="map-tools">
              <button type="button" onClick={() => begin(loss)}>
                {say("sure")}
              </button>
              <button type="button" className="quiet" onClick={() => dialog.current?.close()}>
                {say("leave")}
              </button>
            </p>
          </>
        )}
      </dialog>
    </>
  );
}

async function sent(id: string, loss: Loss): Promise<void> {
  const order = lossOrder(id, loss);
  if (order.kind !== "broken") {
    await postOpsAppliancesByIdDrillsByKind(id, order.kind, order.body);
    return;
  }
  const made = await postOpsExperiments(order.body);
  await postOpsExperimentsByIdStart(made.id);
}

interface KindsProps {
  readonly id: string;
  readonly kind: LossKind;
  readonly onKind: (kind: LossKind) => void;
}

function Kinds({ id, kind, onKind }: KindsProps): ReactElement {
  const say = useWords(drillWords);
  const name = useId();
  return (
    <fieldset className="drill-kinds">
      <legend>{say("kind", { id })}</legend>
      {lossKinds.map((one) => (
        <label key={one}>
          <input type="radio" name={name} value={one} checked={one === kind} onChange={() => onKind(one)} />{" "}
          <span>
            <strong>{say(one)}</strong> <span className="faint">{say(`${one}Does`, { id })}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

interface FieldsProps {
  readonly kind: LossKind;
  readonly prefixes: readonly string[];
  readonly mostMs: number;
}

function Fields({ kind, prefixes, mostMs }: FieldsProps): ReactElement {
  const say = useWords(drillWords);
  const most = Math.floor(mostMs / 1000);
  return (
    <>
      {kind === "withdraw" && (
        <label>
          {say("prefix")}{" "}
          <input name="prefix" list="drill-prefixes" defaultValue={prefixes[0]} required maxLength={64} />
          <datalist id="drill-prefixes">
            {prefixes.map((prefix) => (
              <option key={prefix} value={prefix} />
            ))}
          </datalist>
        </label>
      )}
      {kind === "broken" && (
        <>
          <label>
            {say("segment")}{" "}
            <input name="segment" type="number" min={1} max={100_000} defaultValue={5} required />
          </label>
          <label>
            {say("share")}{" "}
            <input name="percent" type="number" min={0.001} max={50} step="any" defaultValue={1} required />
          </label>
        </>
      )}
      <label>
        {say("seconds")}{" "}
        <input
          name="seconds"
          type="number"
          min={1}
          max={kind === "broken" ? 86_400 : most}
          defaultValue={Math.min(usualSeconds, most)}
          required
        />
      </label>
      {kind !== "broken" && <span className="faint">{say("most", { n: most })}</span>}
    </>
  );
}
