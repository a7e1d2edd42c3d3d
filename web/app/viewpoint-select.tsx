// "I sit in …": lets one person try how steering answers from different networks.
import type { ReactElement } from "react";
import { useId } from "react";
import { useWords } from "#web/words/say.ts";
import { viewerWords } from "./viewer-words.ts";
import type { Viewpoint } from "./viewpoint.ts";
import { ownAddress, useViewpoint } from "./viewpoint.ts";

export function ViewpointSelect({
  viewpoints,
}: {
  readonly viewpoints: readonly Viewpoint[];
}): ReactElement | null {
  const [chosen, choose] = useViewpoint(viewpoints);
  const id = useId();
  const say = useWords(viewerWords);
  if (viewpoints.length === 0) return null;
  return (
    <div className="viewpoint">
      <label htmlFor={id}>{say("sitIn")}</label>
      <select
        id={id}
        value={chosen?.id ?? ownAddress}
        onChange={(event) => choose(event.target.value === ownAddress ? undefined : event.target.value)}
      >
        {viewpoints.map((viewpoint) => (
          <option key={viewpoint.id} value={viewpoint.id}>
            {viewpoint.name}
          </option>
        ))}
        <option value={ownAddress}>{say("sitReally")}</option>
      </select>
      <span className="faint">{chosen?.address ?? say("sitOwn")}</span>
    </div>
  );
}
