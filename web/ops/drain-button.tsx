// Takes an appliance out of new plays, and puts it back.
import type { ReactElement } from "react";
import { useState } from "react";
import type { ApiError } from "#web/api.ts";
import { asApiError } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsAppliances } from "#wire/ops.ts";
import { postOpsAppliancesByIdDrain, postOpsAppliancesByIdUndrain } from "./client.ts";
import { networkWords } from "./network-words.ts";

interface DrainProps {
  readonly appliance: Pick<OpsAppliances["appliances"][number], "id" | "health">;
  readonly onDone: () => void;
}

export function DrainButton({ appliance, onDone }: DrainProps): ReactElement {
  const say = useWords(networkWords);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const wish = appliance.health === "draining" ? "undrain" : "drain";
  const send = (): void => {
    setBusy(true);
    setError(undefined);
    const order = wish === "drain" ? postOpsAppliancesByIdDrain : postOpsAppliancesByIdUndrain;
    order(appliance.id)
      .then(onDone)
      .catch((reason: unknown) => setError(asApiError(reason)))
      .finally(() => setBusy(false));
  };
  return (
    <>
      <button type="button" className="quiet" onClick={send} disabled={busy}>
        {say(wish)}
        <span className="unseen"> {appliance.id}</span>
      </button>
      {error !== undefined && (
        <p className="problem" role="alert" lang="en" dir="auto">
          {error.message}
        </p>
      )}
    </>
  );
}
