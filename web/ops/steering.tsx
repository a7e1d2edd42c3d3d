// Why a viewer would be sent where: the control plane's own words for an address, asked when the operator asks.
import type { FormEvent, ReactElement } from "react";
import { useEffect, useState } from "react";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsExplain } from "#wire/ops.ts";
import { getOpsSteerExplain } from "./client.ts";
import { networkWords } from "./network-words.ts";
import { Panel } from "./panel.tsx";
import { RankList } from "./rank-list.tsx";
import { rankWords } from "./rank-words.ts";

const everyMs = 5000;

interface SteeringProps {
  /** Asked about at first. */
  readonly client: string;
  readonly email: string;
  /** Hears what is answered: it is drawn as well. */
  readonly onAnswer: (explained: OpsExplain) => void;
}

export function SteeringPanel({ client, email, onAnswer }: SteeringProps): ReactElement {
  const say = useWords(networkWords);
  const sayRank = useWords(rankWords);
  const [asked, setAsked] = useState({ client, title: "", session: "session" });
  const { title, ...rest } = asked;
  const explain = getOpsSteerExplain(title === "" ? rest : asked);
  const resource = useResource({ ...explain, everyMs });
  const { value } = resource;
  useEffect(() => {
    if (value !== undefined) onAnswer(value);
  }, [value, onAnswer]);
  const ask = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => String(form.get(name) ?? "").trim();
    setAsked({ client: text("client"), title: text("title"), session: text("session") });
  };
  const question = (
    <form className="steer-ask" onSubmit={ask} aria-label={say("steerAsk")}>
      <label>
        {say("address")} <input name="client" defaultValue={client} required maxLength={64} />
      </label>
      <label>
        {say("title")} <input name="title" placeholder={say("any")} maxLength={64} />
      </label>
      <label>
        {say("session")} <input name="session" defaultValue="session" required maxLength={128} />
      </label>
      <button type="submit" className="quiet">
        {say("explain")}
      </button>
    </form>
  );
  return (
    <Panel
      id="steering"
      title={say("steering")}
      path={explain.path}
      email={email}
      resource={resource}
      question={question}
    >
      {(answer) => (
        <>
          <RankList explained={answer} />
          <details>
            <summary>{sayRank("fullText")}</summary>
            <pre className="steer-text" lang="en" dir="ltr">
              <code>{answer.text}</code>
            </pre>
          </details>
        </>
      )}
    </Panel>
  );
}
