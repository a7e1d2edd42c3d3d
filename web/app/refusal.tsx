// A refusal in the control plane's own words.
import type { ReactElement } from "react";
import type { ApiError } from "#web/api.ts";

export function Refusal({
  error,
  id,
}: {
  readonly error: ApiError | undefined;
  readonly id?: string;
}): ReactElement | null {
  if (error === undefined) return null;
  return (
    <p id={id} className="refused" role="alert" lang="en" dir="auto">
      {error.message}
    </p>
  );
}
