// Why something that was asked for was not done: the control plane's own sentence and code.
import type { ReactElement } from "react";
import type { ApiError } from "#web/api.ts";

export function Refusal({
  error,
}: {
  readonly error: Pick<ApiError, "message" | "code"> | undefined;
}): ReactElement | null {
  if (error === undefined) return null;
  return (
    <p className="problem" role="alert" lang="en" dir="auto">
      {error.message} <code>{error.code}</code>
    </p>
  );
}
