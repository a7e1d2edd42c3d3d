// Who may watch a title: from what age, where and when. It is tried out before it is taken over, as an import of one work.
import type { FormEvent, ReactElement } from "react";
import { useState } from "react";
import { useAct } from "#web/ops/act.ts";
import { Refusal } from "#web/ops/refusal.tsx";
import { useWords } from "#web/words/say.ts";
import type { GivenWork, ImportAnswer } from "#wire/catalog.ts";
import type { OpsShelfTitle } from "#wire/ops-catalog.ts";
import { catalogueWords } from "./catalogue-words.ts";
import { ImportResult, importWorks } from "./metadata.tsx";
import { fieldsOf, type WindowFields, windowsOf } from "./window-form.ts";

interface RightsProps {
  readonly value: OpsShelfTitle;
  readonly onChange: () => void;
}

/** A title that the catalogue does not describe becomes a film of it when something is said of it. */
function workOf({ work, row }: OpsShelfTitle): GivenWork {
  if (work !== null) return work;
  const nothing = { synopses: {}, year: null, genres: [], credits: [], age: null, ratings: [], windows: [] };
  return { kind: "film", id: row.id, language: "en", names: { en: row.name }, ...nothing, titleId: row.id };
}

export function Rights({ value, onChange }: RightsProps): ReactElement {
  const say = useWords(catalogueWords);
  const work = workOf(value);
  const [name, setName] = useState(work.names[work.language] ?? "");
  const [age, setAge] = useState(work.age === null ? "" : String(work.age));
  const [ratings, setRatings] = useState(work.ratings.join(", "));
  const [windows, setWindows] = useState(() => fieldsOf(work.windows));
  const [answer, setAnswer] = useState<ImportAnswer>();
  const { busy, error, act } = useAct();
  const changed = (change: () => void): void => {
    change();
    setAnswer(undefined);
  };
  const send = (dryRun: boolean): void => {
    const made = {
      ...work,
      names: { ...work.names, [work.language]: name },
      age: age === "" ? null : Number(age),
      ratings: ratings.split(",").flatMap((rating) => (rating.trim() === "" ? [] : rating.trim())),
      windows: windowsOf(windows, work.windows),
    };
    const body = new Blob([JSON.stringify({ works: [made] })]);
    act(async () => {
      setAnswer(await importWorks(body, "json", { dryRun }));
      if (!dryRun) onChange();
    });
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    send(answer?.kind !== "checked");
  };
  return (
    <form className="rights" onSubmit={submit}>
      <p className="soft hint">{say(value.work === null ? "undescribedHint" : "describedHint")}</p>
      <div className="line-form">
        <label className="wide-field">
          {say("nameIn", { language: work.language })}
          <input
            required
            dir="auto"
            value={name}
            onChange={(event) => changed(() => setName(event.target.value))}
          />
        </label>
        <label>
          {say("age")}
          <input
            type="number"
            min={0}
            max={21}
            value={age}
            placeholder={say("unrated", { age: value.unratedAge })}
            onChange={(event) => changed(() => setAge(event.target.value))}
          />
        </label>
        <label>
          {say("ratings")}
          <input
            dir="ltr"
            placeholder="FSK 16, BBFC 15"
            value={ratings}
            onChange={(event) => changed(() => setRatings(event.target.value))}
          />
        </label>
      </div>
      <Windows windows={windows} onChange={(next) => changed(() => setWindows(next))} />
      <div className="pager">
        <button type="button" className="quiet" disabled={busy} onClick={() => send(true)}>
          {say("tryOut")}
        </button>
        <button type="submit" disabled={busy || answer?.kind !== "checked"}>
          {say("takeOver")}
        </button>
      </div>
      <Refusal error={error} />
      {answer !== undefined && <ImportResult answer={answer} />}
    </form>
  );
}

interface WindowsProps {
  readonly windows: readonly WindowFields[];
  readonly onChange: (windows: readonly WindowFields[]) => void;
}

function Windows({ windows, onChange }: WindowsProps): ReactElement {
  const say = useWords(catalogueWords);
  const put = (key: string, to: Partial<WindowFields>): void =>
    onChange(windows.map((one) => (one.key === key ? { ...one, ...to } : one)));
  return (
    <fieldset className="windows">
      <legend>{say("windows")}</legend>
      {windows.length === 0 && <p className="soft hint">{say("noWindows")}</p>}
      {windows.map((one, index) => (
        <fieldset className="line-form" key={one.key} aria-label={say("windowOf", { number: index + 1 })}>
          <label className="wide-field">
            {say("territories")}
            <input
              dir="ltr"
              placeholder={say("everywhere")}
              value={one.territories}
              onChange={(event) => put(one.key, { territories: event.target.value })}
            />
          </label>
          <label>
            {say("fromDay")}
            <input
              type="date"
              value={one.from}
              onChange={(event) => put(one.key, { from: event.target.value })}
            />
          </label>
          <label>
            {say("untilDay")}
            <input
              type="date"
              value={one.until}
              onChange={(event) => put(one.key, { until: event.target.value })}
            />
          </label>
          <button
            type="button"
            className="quiet"
            aria-label={say("removeWindow", { number: index + 1 })}
            onClick={() => onChange(windows.filter(({ key }) => key !== one.key))}
          >
            {say("remove")}
          </button>
        </fieldset>
      ))}
      <button
        type="button"
        className="quiet"
        onClick={() =>
          onChange([...windows, { key: `new${Date.now()}`, territories: "", from: "", until: "" }])
        }
      >
        {say("addWindow")}
      </button>
    </fieldset>
  );
}
