// One endpoint as a component's value: asked once or again and again, the last good answer kept while a later one fails.
import { keepPreviousData, QueryClient, queryOptions, useQuery } from "@tanstack/react-query";
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
  /** The value answers the question before this one, whose answer is on its way. */
  readonly isFormer: boolean;
  readonly reload: () => void;
}

export interface Asked<T> {
  /** Undefined asks nothing yet. */
  readonly path: string | undefined;
  readonly schema: z.ZodType<T>;
  /** Pause between an answer and the next request; undefined asks once. A hidden page does not ask. */
  readonly everyMs?: number;
  /** Another question of the same part: what was answered before stays until the answer is there, and goes when there is none. */
  readonly keepsLast?: boolean;
}

/**
 * Answers kept for the pages, by path. What is drawn again is asked again, and meanwhile shows the last answer for up to five minutes.
 * A failure is shown at once with its button: only the person knows whether to go on waiting. "always": a page without the internet still
 * reaches a control plane in the same house.
 */
export const answers = new QueryClient({
  defaultOptions: { queries: { retry: false, networkMode: "always", staleTime: 0, gcTime: 300_000 } },
});

export function useResource<T>(asked: Asked<T>): Resource<T> {
  const { data, error, isPlaceholderData, refetch } = useQuery(queryOf(asked));
  const reload = useCallback(() => void refetch(), [refetch]);
  return {
    value: data?.value,
    error: error === null ? undefined : asApiError(error),
    atMs: data?.atMs,
    isFormer: isPlaceholderData,
    reload,
  };
}

/** An answer carries its own time: that of the one before is told along with it. */
export function queryOf<T>({ path, schema, everyMs, keepsLast = false }: Asked<T>) {
  return queryOptions({
    queryKey: [path],
    queryFn: async ({ signal }) => ({
      value: await getJson(path ?? "", schema, signal),
      atMs: Date.now(),
    }),
    enabled: path !== undefined,
    refetchInterval: everyMs ?? false,
    refetchOnWindowFocus: everyMs !== undefined,
    ...(keepsLast && { placeholderData: keepPreviousData }),
  });
}

/** A program's own mistake must stay visible too, so it is shown like a failed request. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(0, "page-failed", error instanceof Error ? error.message : String(error), error);
}
