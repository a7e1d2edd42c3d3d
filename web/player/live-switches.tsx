// The rule and the network, changed while the film plays.
import { type ReactElement, useId, useMemo } from "react";
import { type MadeName, madeNames, madeNetwork } from "#play/made-networks.ts";
import { useWords } from "#web/words/say.ts";
import { type Choices, type Chosen, liveRules } from "./choices.ts";
import { rateText } from "./clock-text.ts";
import { drawerWords } from "./drawer-words.ts";

interface SwitchesProps {
  readonly chosen: Chosen;
  readonly wishes: Pick<Choices, "changeRule" | "shape"> | undefined;
}

export function LiveSwitches({ chosen, wishes }: SwitchesProps): ReactElement {
  const say = useWords(drawerWords);
  const [rule, network] = [useId(), useId()];
  const networks = useMemo(() => madeNames.map(madeNetwork), []);
  const sentence = liveRules.find(({ name }) => name === chosen.rule)?.sentence ?? "";
  const shape = (value: string): void => {
    const name: MadeName | undefined = madeNames.find((one) => one === value);
    wishes?.shape(name);
  };
  return (
    <section className="pl-live">
      <h2>{say("live")}</h2>
      <p className="pl-seat">
        <label htmlFor={rule}>{say("rule")}</label>
        <select id={rule} value={chosen.rule} onChange={(event) => wishes?.changeRule(event.target.value)}>
          {liveRules.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </p>
      <p className="pl-quiet" lang="en" dir="auto">
        {sentence}
      </p>
      <p className="pl-quiet">{say("liveMeans")}</p>
      <p className="pl-seat">
        <label htmlFor={network}>{say("network")}</label>
        <select id={network} value={chosen.network ?? ""} onChange={(event) => shape(event.target.value)}>
          <option value="">{say("networkOff")}</option>
          {networks.map(({ name, meanKbps }) => (
            <option key={name} value={name}>
              {say("networkIs", { name: say(name), rate: rateText(meanKbps) })}
            </option>
          ))}
        </select>
      </p>
      <p className="pl-quiet">{say("networkMeans")}</p>
    </section>
  );
}
