// "I sit in …": lets one person try how steering answers from different networks.
import type { ReactElement } from "react";
import { useId } from "react";
import type { Viewpoint } from "./viewpoint.ts";
import { ownAddress, useViewpoint } from "./viewpoint.ts";

export function ViewpointSelect({
  viewpoints,
}: {
  readonly viewpoints: readonly Viewpoint[];
}): ReactElement | null {
  const [chosen, choose] = useViewpoint(viewpoints);
  const id = useId();
  if (viewpoints.length === 0) return null;
  return (
    <div className="viewpoint">
      <label htmlFor={id}>I sit in</label>
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
        <option value={ownAddress}>where I really am</option>
      </select>
      <span className="faint">{chosen?.address ?? "steered by your own address"}</span>
    </div>
  );
}
