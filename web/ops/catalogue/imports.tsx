// Films that the control plane fetches from addresses by itself.
import type { FormEvent, ReactElement } from "react";
import { useState } from "react";
import { useAct } from "#web/ops/act.ts";
import { deleteImportsById, getImports, postImports } from "#web/ops/catalogue-client.ts";
import { Panel } from "#web/ops/panel.tsx";
import { Refusal } from "#web/ops/refusal.tsx";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import { Arrivals } from "./arrivals.tsx";
import { catalogueWords } from "./catalogue-words.ts";

const everyMs = 4000;

export function Imports({ email }: { readonly email: string }): ReactElement {
  const say = useWords(catalogueWords);
  const asked = getImports();
  const resource = useResource({ ...asked, everyMs });
  return (
    <Panel
      id="imports"
      title={say("imports")}
      path={asked.path}
      email={email}
      resource={resource}
      question={<ImportForm onDone={resource.reload} />}
    >
      {({ arrivals }, nowMs) => (
        <Arrivals
          arrivals={arrivals}
          nowMs={nowMs}
          caption={say("importsKnown")}
          none={say("noImports")}
          onForget={async (id) => {
            await deleteImportsById(id);
            resource.reload();
          }}
        />
      )}
    </Panel>
  );
}

function ImportForm({ onDone }: { readonly onDone: () => void }): ReactElement {
  const say = useWords(catalogueWords);
  const [url, setUrl] = useState("");
  const [name, setName] = useState("");
  const { busy, error, act } = useAct();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    act(async () => {
      await postImports({ url, ...(name === "" ? {} : { name }) });
      setUrl("");
      setName("");
      onDone();
    });
  };
  return (
    <form className="line-form" onSubmit={submit}>
      <label className="wide-field">
        {say("address")}
        <input
          type="url"
          required
          dir="ltr"
          placeholder="https://"
          value={url}
          onChange={(event) => setUrl(event.target.value)}
        />
      </label>
      <label>
        {say("titleName")}
        <input dir="auto" value={name} onChange={(event) => setName(event.target.value)} />
      </label>
      <button type="submit" disabled={busy}>
        {say("fetch")}
      </button>
      <Refusal error={error} />
    </form>
  );
}
