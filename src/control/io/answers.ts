// The response schemas of a route, and what a refusal looks like in all of them.
import { z } from "zod";
import { errorBody } from "#wire/viewer.ts";

/**
 * For routes that are asked most: the answer as it is, without another look at its schema, which costs as much as what signs it.
 * A test holds that it says nothing that the schema does not know.
 */
export const asItIs = (): ((data: unknown) => string) => (data) => JSON.stringify(data);

const refusals = { "4xx": errorBody, "5xx": errorBody } as const;

export function answers<T extends z.ZodType>(
  schema: T,
): { readonly 200: T; readonly "4xx": typeof errorBody; readonly "5xx": typeof errorBody } {
  return { 200: schema, ...refusals };
}

export function nothing(what: string): {
  readonly 204: z.ZodUndefined;
  readonly "4xx": typeof errorBody;
  readonly "5xx": typeof errorBody;
} {
  return { 204: z.undefined().describe(what), ...refusals };
}

/** Taken, and done behind the answer. */
export function accepted(what: string): {
  readonly 202: z.ZodUndefined;
  readonly "4xx": typeof errorBody;
  readonly "5xx": typeof errorBody;
} {
  return { 202: z.undefined().describe(what), ...refusals };
}

/** An answer whose headers say everything. */
export function empty<S extends 200 | 201>(
  status: S,
  what: string,
): { readonly [K in S]: z.ZodUndefined } & typeof refusals {
  const answer: Record<S, z.ZodUndefined> = Object(
    Object.fromEntries([[status, z.undefined().describe(what)]]),
  );
  return { ...answer, ...refusals };
}
