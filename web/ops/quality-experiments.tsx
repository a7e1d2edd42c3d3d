// Experiments and what came of them: both arms side by side, and their difference with its interval.
import type { ReactElement } from "react";
import { useId, useState } from "react";
import { digits, formatShare } from "#web/format.ts";
import { Loading } from "#web/notice.tsx";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { ExperimentReport } from "#wire/experiment.ts";
import { getOpsExperiments, getOpsExperimentsByIdReport } from "./client.ts";
import { CopyCurl, Panel, PanelTrouble } from "./panel.tsx";
import { qualityWords } from "./quality-words.ts";
import { Wide } from "./wide.tsx";

const everyMs = 15_000;
const measured = ["survival", "stalled", "stallCount", "stallMs", "switchCount"] as const;
type Interval = ExperimentReport["difference"]["survival"];

export function ExperimentsPanel({ email }: { readonly email: string }): ReactElement {
  const say = useWords(qualityWords);
  const id = useId();
  const [chosen, setChosen] = useState<string>();
  const asked = getOpsExperiments();
  const resource = useResource({ ...asked, everyMs });
  return (
    <Panel id="experiments" title={say("experiments")} path={asked.path} email={email} resource={resource}>
      {({ experiments }) => {
        const one = experiments.find((known) => known.id === chosen) ?? experiments[0];
        if (one === undefined) return <p className="soft">{say("noExperiment")}</p>;
        return (
          <>
            <p className="choice">
              <label htmlFor={id}>{say("experiment")}</label>
              <select id={id} value={one.id} onChange={(event) => setChosen(event.target.value)}>
                {experiments.slice(0, 100).map((known) => (
                  <option key={known.id} value={known.id}>
                    {known.id} · {say(`x_${known.state.kind}`)}
                  </option>
                ))}
              </select>
            </p>
            <ExperimentResult key={one.id} id={one.id} email={email} />
          </>
        );
      }}
    </Panel>
  );
}

/** What came of one: both arms, and their difference with its interval. */
export function ExperimentResult({
  id,
  email,
}: {
  readonly id: string;
  readonly email: string;
}): ReactElement {
  const say = useWords(qualityWords);
  const asked = getOpsExperimentsByIdReport(id);
  const { value, error, reload } = useResource({ ...asked, everyMs });
  if (error !== undefined) return <PanelTrouble error={error} retry={reload} />;
  if (value === undefined) return <Loading what={say("fetching")} />;
  const isPart = value.experiment.state.kind === "running";
  return (
    <>
      <p className="soft">
        {say("arms", { treatment: value.treatment.sessions, control: value.control.sessions })}{" "}
        {say("confidence", { percent: digits(100 * value.confidence) })} {isPart && say("partSoFar")}{" "}
        <CopyCurl path={asked.path} email={email} />
      </p>
      <Wide>
        <table>
          <caption>{say("compared")}</caption>
          <thead>
            <tr>
              <th scope="col">{say("measure")}</th>
              <th scope="col" className="number">
                {say("treatment")}
              </th>
              <th scope="col" className="number">
                {say("control")}
              </th>
              <th scope="col" className="number">
                {say("difference")}
              </th>
              <th scope="col">{say("sure")}</th>
            </tr>
          </thead>
          <tbody>
            {measured.map((name) => (
              <tr key={name}>
                <th scope="row">{say(`x_${name}`)}</th>
                <td className="number">{words(name, value.treatment[name])}</td>
                <td className="number">{words(name, value.control[name])}</td>
                <td className="number">{words(name, value.difference[name])}</td>
                <td>{say(verdict(value.difference[name]))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </>
  );
}

function words(name: (typeof measured)[number], interval: Interval): string {
  if (interval === null) return "–";
  const write = name === "survival" || name === "stalled" ? formatShare : digits;
  return `${write(interval.value)} (${write(interval.low)} … ${write(interval.high)})`;
}

/** An interval with zero in it says nothing of which arm is better. */
function verdict(interval: Interval): "tooFew" | "noDifference" | "higher" | "lower" {
  if (interval === null) return "tooFew";
  if (interval.low > 0) return "higher";
  return interval.high < 0 ? "lower" : "noDifference";
}
