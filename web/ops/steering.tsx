// Why a viewer would be sent where: the control plane's own words for an address, asked when the operator asks.
import type { FormEvent, ReactElement } from "react";
import { useState } from "react";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import { getOpsSteerExplain } from "./client.ts";
import { networkWords } from "./network-words.ts";
import { Panel } from "./panel.tsx";

interface SteeringProps {
  /** Asked about at first. */
  readonly client: string;
  readonly email: string;
}

export function SteeringPanel({ client, email }: SteeringProps): ReactElement {
  const say = useWords(networkWords);
  const [asked, setAsked] = useState({ client, title: "", session: "session" });
  const { title, ...rest } = asked;
  const explain = getOpsSteerExplain(title === "" ? rest : asked);
  const resource = useResource(explain);
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
      {(value) => (
        <pre className="steer-text" lang="en" dir="ltr">
          <code>{value.text}</code>
        </pre>
      )}
    </Panel>
  );
}
