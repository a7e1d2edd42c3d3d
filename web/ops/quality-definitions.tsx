// What each figure of quality means: the control plane's own words, which every figure of the page leads to.
import type { ReactElement } from "react";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import { getOpsQoeDefinitions } from "./client.ts";
import { Panel } from "./panel.tsx";
import { qualityWords } from "./quality-words.ts";

export function DefinitionsPanel({ email }: { readonly email: string }): ReactElement {
  const say = useWords(qualityWords);
  const asked = getOpsQoeDefinitions();
  const resource = useResource(asked);
  return (
    <Panel id="definitions" title={say("definitions")} path={asked.path} email={email} resource={resource}>
      {({ definitions }) => (
        <dl className="definitions" lang="en" dir="ltr">
          {definitions.map(({ id, name, unit, sentence, formula }) => (
            <div key={id} id={`def-${id}`}>
              <dt>
                {name} <span className="faint">{unit}</span>
              </dt>
              <dd>
                {sentence} {formula !== undefined && <code>{formula}</code>}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  );
}
