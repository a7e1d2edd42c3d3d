// The pages' only way to the control plane: same origin, one deadline, every answer parsed by its schema.
import type { z } from "zod";
import { deadlineHeader, deadlineText } from "#wire/deadline.ts";
import { errorBody } from "#wire/viewer.ts";

/** Longest wait for an answer. The control plane's own budgets are far below; ten seconds is "it is not there". */
const deadlineMs = 10_000;

/** For whom ten seconds are too long. */
export interface Patience {
  readonly signal?: AbortSignal;
  readonly withinMs: number;
}

/** Says "signed-out" when any request meets a 401, so that the shell can show the sign-in page. */
export const apiEvents = new EventTarget();

/** A request that did not bring what was asked. `status` 0: no answer at all. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;
  /** Of a refusal: all that it said. */
  readonly said: unknown;

  constructor(status: number, code: string, message: string, cause?: unknown, said?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.status = status;
    this.code = code;
    this.said = said;
  }
}

/** Where something is asked, and what is answered there. */
export interface Question<T> {
  readonly path: string;
  readonly schema: z.ZodType<T>;
}

export function askFor<T>({ path, schema }: Question<T>, signal?: AbortSignal): Promise<T> {
  return getJson(path, schema, signal);
}

export async function getJson<T>(path: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T> {
  return parsed(path, schema, await ask(path, { method: "GET" }, signal));
}

export function postJson(
  path: string,
  body: unknown,
  schema: undefined,
  patience?: AbortSignal | Patience,
): Promise<undefined>;
export function postJson<T>(
  path: string,
  body: unknown,
  schema: z.ZodType<T>,
  patience?: AbortSignal | Patience,
): Promise<T>;
export async function postJson<T>(
  path: string,
  body: unknown,
  schema: z.ZodType<T> | undefined,
  patience?: AbortSignal | Patience,
): Promise<T | undefined> {
  const headers = { "content-type": "application/json" };
  const text = await ask(path, { method: "POST", headers, body: JSON.stringify(body) }, patience);
  return schema === undefined ? undefined : parsed(path, schema, text);
}

/** A body that is no JSON, or headers that a request wants besides. */
export async function sendBody<T>(
  { path, schema }: Question<T>,
  request: RequestInit,
  patience?: AbortSignal | Patience,
): Promise<T> {
  return parsed(path, schema, await ask(path, request, patience));
}

/** A change of part of what stands at `path`. */
export async function patchJson<T>(
  path: string,
  body: unknown,
  schema: z.ZodType<T>,
  signal?: AbortSignal,
): Promise<T> {
  const headers = { "content-type": "application/json" };
  return parsed(
    path,
    schema,
    await ask(path, { method: "PATCH", headers, body: JSON.stringify(body) }, signal),
  );
}

/** A POST about money: under one key it is carried out once, however often the network or a person sends it. */
export async function postOnce<T>(
  path: string,
  body: unknown,
  schema: z.ZodType<T>,
  key: string,
  signal?: AbortSignal,
): Promise<T> {
  const headers = { "content-type": "application/json", "idempotency-key": key };
  return parsed(
    path,
    schema,
    await ask(path, { method: "POST", headers, body: JSON.stringify(body) }, signal),
  );
}

export async function deleteAt(path: string, body?: unknown, signal?: AbortSignal): Promise<void> {
  const headers = { "content-type": "application/json" };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  await ask(path, { method: "DELETE", headers, ...sent }, signal);
}

/** The control plane is told how long it is waited for, and works no longer. */
async function ask(
  path: string,
  request: RequestInit,
  patience: AbortSignal | Patience | undefined,
): Promise<string> {
  const given = patience instanceof AbortSignal ? { signal: patience } : patience;
  const { signal, withinMs } = { signal: undefined, withinMs: deadlineMs, ...given };
  const deadline = AbortSignal.timeout(withinMs);
  const both = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
  const headers = { ...Object(request.headers), [deadlineHeader]: deadlineText(withinMs) };
  try {
    const response = await fetch(path, { ...request, headers, credentials: "same-origin", signal: both });
    const text = await response.text();
    if (response.ok) return text;
    throw refusal(path, response.status, text);
  } catch (error) {
    if (error instanceof ApiError || signal?.aborted === true) throw error;
    throw unanswered(path, deadline.aborted ? withinMs : undefined, error);
  }
}

function refusal(path: string, status: number, text: string): ApiError {
  if (status === 401) apiEvents.dispatchEvent(new Event("signed-out"));
  const body = jsonOf(text);
  const said = errorBody.safeParse(body);
  if (said.success)
    return new ApiError(status, said.data.error.code, said.data.error.message, undefined, body);
  return new ApiError(status, `http-${status}`, `${path} answered with status ${status} and no explanation.`);
}

function unanswered(path: string, lateMs: number | undefined, cause: unknown): ApiError {
  return lateMs === undefined
    ? new ApiError(0, "unreachable", "The control plane cannot be reached. Is it running?", cause)
    : new ApiError(0, "deadline", `${path} did not answer within ${lateMs / 1000} seconds.`, cause);
}

function parsed<T>(path: string, schema: z.ZodType<T>, text: string): T {
  const result = schema.safeParse(jsonOf(text));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue === undefined ? "" : ` (${issue.path.join(".") || "top"}: ${issue.message})`;
  const message = `${path} answered something this page does not understand${where}. Reload the page: it may be older than the control plane.`;
  throw new ApiError(200, "unexpected-answer", message, result.error);
}

/** Text that is not JSON is `undefined`, which no schema accepts. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
