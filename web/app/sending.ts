// What a form sends: one request at a time, its refusal shown, given up when the form goes.
import { useCallback, useEffect, useRef, useState } from "react";
import type { ApiError } from "#web/api.ts";
import { asApiError } from "#web/use-resource.ts";

export interface Sending {
  readonly busy: boolean;
  readonly error: ApiError | undefined;
  /** `done` is told only of what was not refused. */
  readonly send: <T>(ask: (signal: AbortSignal) => Promise<T>, done: (answer: T) => void) => void;
}

export function useSending(): Sending {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const send = useCallback<Sending["send"]>((ask, done) => {
    const control = new AbortController();
    stop.current = control;
    setBusy(true);
    setError(undefined);
    ask(control.signal)
      .then((answer) => {
        if (control.signal.aborted) return;
        setBusy(false);
        done(answer);
      })
      .catch((reason: unknown) => {
        if (control.signal.aborted) return;
        setError(asApiError(reason));
        setBusy(false);
      });
  }, []);
  return { busy, error, send };
}
