// Something that a person asked for by a button: one at a time, and its refusal is kept until the next.
import { useCallback, useEffect, useRef, useState } from "react";
import type { ApiError } from "#web/api.ts";
import { asApiError } from "#web/use-resource.ts";

export interface Acting {
  readonly busy: boolean;
  readonly error: ApiError | undefined;
  readonly act: (work: () => Promise<unknown>) => void;
}

export function useAct(): Acting {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const isShown = useRef(true);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);
  const act = useCallback((work: () => Promise<unknown>) => {
    setBusy(true);
    setError(undefined);
    work()
      .catch((failure: unknown) => isShown.current && setError(asApiError(failure)))
      .finally(() => isShown.current && setBusy(false));
  }, []);
  return { busy, error, act };
}
