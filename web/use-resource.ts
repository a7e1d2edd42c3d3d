// One endpoint as a component's value: asked once or again and again, the last good answer kept while a later one fails.
import { useCallback, useEffect, useState } from "react";
import type { z } from "zod";
import { ApiError, getJson } from "./api.ts";

export interface Resource<T> {
  /** The last good answer; undefined before the first. */
  readonly value: T | undefined;
  /** Why the latest request failed; undefined when it did not. */
  readonly error: ApiError | undefined;
  /** Wall time of the last good answer. */
  readonly atMs: number | undefined;
  readonly reload: () => void;
}

export interface Asked<T> {
  /** Undefined asks nothing yet. */
  readonly path: string | undefined;
  readonly schema: z.ZodType<T>;
  /** Pause between an answer and the next request; undefined asks once. A hidden page does not ask. */
  readonly everyMs?: number;
}

interface State<T> {
  readonly path: string | undefined;
  readonly value: T | undefined;
  readonly error: ApiError | undefined;
  readonly atMs: number | undefined;
}

export function useResource<T>({ path, schema, everyMs }: Asked<T>): Resource<T> {
  const [state, setState] = useState<State<T>>(nothingFrom(path));
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((n) => n + 1), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` is the wish to ask again.
  useEffect(() => {
    if (path === undefined) return;
    const stop = new AbortController();
    void follow({ path, schema, everyMs }, stop.signal, setState);
    return () => stop.abort();
  }, [path, schema, everyMs, round]);
  const current = state.path === path ? state : nothingFrom<T>(path);
  return { value: current.value, error: current.error, atMs: current.atMs, reload };
}

function nothingFrom<T>(path: string | undefined): State<T> {
  return { path, value: undefined, error: undefined, atMs: undefined };
}

interface Following<T> {
  readonly path: string;
  readonly schema: z.ZodType<T>;
  readonly everyMs: number | undefined;
}

async function follow<T>(
  { path, schema, everyMs }: Following<T>,
  signal: AbortSignal,
  put: (change: (before: State<T>) => State<T>) => void,
): Promise<void> {
  do {
    try {
      const value = await getJson(path, schema, signal);
      put(() => ({ path, value, error: undefined, atMs: Date.now() }));
    } catch (error) {
      if (signal.aborted) return;
      const known = asApiError(error);
      put((before) => ({ ...(before.path === path ? before : nothingFrom<T>(path)), error: known }));
    }
    if (everyMs !== undefined) await pause(everyMs, signal);
  } while (everyMs !== undefined && !signal.aborted);
}

/** A program's own mistake must stay visible too, so it is shown like a failed request. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(0, "page-failed", error instanceof Error ? error.message : String(error), error);
}

/** Waits `ms`, and on while nobody looks at the page. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    let due = false;
    const look = (): void => {
      if (due && document.visibilityState === "visible") finish();
    };
    const finish = (): void => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
      signal.removeEventListener("abort", finish);
      done();
    };
    const timer = setTimeout(() => {
      due = true;
      look();
    }, ms);
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", finish);
  });
}
