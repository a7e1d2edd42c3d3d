// One endpoint as a component's value: asked once or again and again, the last good answer kept while a later one fails.
import { QueryClient, useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
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

/**
 * Answers kept for the pages, by path. What is drawn again is asked again, and meanwhile shows the last answer for up to five minutes.
 * A failure is shown at once with its button: only the person knows whether to go on waiting. "always": a page without the internet still
 * reaches a control plane in the same house.
 */
export const answers = new QueryClient({
  defaultOptions: { queries: { retry: false, networkMode: "always", staleTime: 0, gcTime: 300_000 } },
});

export function useResource<T>({ path, schema, everyMs }: Asked<T>): Resource<T> {
  const asked = useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => getJson(path ?? "", schema, signal),
    enabled: path !== undefined,
    refetchInterval: everyMs ?? false,
    refetchOnWindowFocus: everyMs !== undefined,
  });
  const { refetch } = asked;
  const reload = useCallback(() => void refetch(), [refetch]);
  return {
    value: asked.data,
    error: asked.error === null ? undefined : asApiError(asked.error),
    atMs: asked.dataUpdatedAt === 0 ? undefined : asked.dataUpdatedAt,
    reload,
  };
}

/** A program's own mistake must stay visible too, so it is shown like a failed request. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(0, "page-failed", error instanceof Error ? error.message : String(error), error);
}
