// Why a viewer would be sent where: the control plane's own words for an address, asked when the operator asks.
import type { FormEvent, ReactElement } from "react";
import { useState } from "react";
import { useResource } from "#web/use-resource.ts";
import { getOpsSteerExplain } from "./client.ts";
import { Panel } from "./panel.tsx";

export function SteeringPanel({ email }: { readonly email: string }): ReactElement {
  const [asked, setAsked] = useState({ client: "192.0.2.1", title: "", session: "session" });
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
    <form className="steer-ask" onSubmit={ask} aria-label="Explain a steering decision">
      <label>
        Address <input name="client" defaultValue="192.0.2.1" required maxLength={64} />
      </label>
      <label>
        Title <input name="title" placeholder="any" maxLength={64} />
      </label>
      <label>
        Session <input name="session" defaultValue="session" required maxLength={128} />
      </label>
      <button type="submit" className="quiet">
        Explain
      </button>
    </form>
  );
  return (
    <Panel
      id="steering"
      title="Steering"
      path={explain.path}
      email={email}
      resource={resource}
      question={question}
    >
      {(value) => (
        <pre className="steer-text">
          <code>{value.text}</code>
        </pre>
      )}
    </Panel>
  );
}
