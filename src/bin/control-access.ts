// Commands that ask a running control plane: they sign in as an admin or operator, ask, and sign out. Going through its API is what
// lets them work while it holds the embedded database, which takes one process at a time.
import type { z } from "zod";
import { isLoopback } from "#account/federation.ts";
import { Fault, type FaultTable } from "#units/fault.ts";
import { errorBody } from "#wire/viewer.ts";
import { secretsPath, whoSignsIn } from "./who-signs-in.ts";

const faults = {
  wrongUrl: {
    code: "control-url-refused",
    status: 400,
    sentence:
      "--url: wanted https://HOST, or http:// on this machine, since a password goes there; found {url}.",
  },
  noAccount: {
    code: "control-account-unknown",
    status: 400,
    sentence:
      "Who asks? --as EMAIL or MILLRACE_EMAIL names an admin; the password is MILLRACE_PASSWORD, or the one made up in {path}.",
  },
  unreachable: { code: "control-unreachable", status: 503, sentence: "{url} does not answer: {reason}." },
  refused: { code: "control-refused", status: 409, sentence: "The control plane refused: {message}" },
} as const satisfies FaultTable;

export const accessArgs = {
  url: { type: "string", description: "The running control plane (default: http://127.0.0.1:8080)" },
  as: {
    type: "string",
    description: "Email of an admin (default: MILLRACE_EMAIL, or the one that this installation made up)",
  },
} as const;

export interface ControlAccess {
  get<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T>;
  /** Bytes that are no JSON, or nothing. */
  send<T>(
    method: "POST" | "DELETE",
    path: string,
    sent: { readonly type: string; readonly body: Uint8Array<ArrayBuffer> } | undefined,
    schema: z.ZodType<T>,
  ): Promise<T>;
}

const deadlineMs = 30_000;

/** Signs in, works, and signs out, whatever came of it. */
export async function withControl<T>(
  args: { readonly url?: string | undefined; readonly as?: string | undefined },
  signal: AbortSignal,
  work: (access: ControlAccess) => Promise<T>,
): Promise<T> {
  const base = baseOf(args.url ?? "http://127.0.0.1:8080");
  const { email, password } = await credentials(args.as);
  let cookie = "";
  const ask = async (path: string, init: RequestInit): Promise<unknown> => {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
    const headers = { cookie, "content-type": "application/json", ...Object(init.headers) };
    const said = await fetch(`${base}${path}`, {
      ...init,
      headers,
      signal: deadline,
      redirect: "error",
    }).catch((error: unknown) => {
      throw new Fault(faults.unreachable, { url: base, reason: reasonOf(error) }, error);
    });
    cookie = said.headers.getSetCookie()[0]?.split(";")[0] ?? cookie;
    const text = await said.text();
    const body: unknown = text === "" ? undefined : jsonOf(base, text);
    if (said.ok) return body;
    const error = errorBody.safeParse(body);
    const message = error.success ? error.data.error.message : `it answered ${said.status}`;
    throw new Fault(faults.refused, { message });
  };
  const post = (path: string, body: unknown): Promise<unknown> =>
    ask(path, { method: "POST", body: JSON.stringify(body) });
  await post("/v1/sign-in", { email, password });
  try {
    return await work({
      get: async (path, schema) => schema.parse(await ask(path, {})),
      post: async (path, body, schema) => schema.parse(await post(path, body)),
      send: async (method, path, sent, schema) => {
        const body = sent && { body: sent.body, headers: { "content-type": sent.type } };
        return schema.parse(await ask(path, { method, ...body }));
      },
    });
  } finally {
    await post("/v1/sign-out", {});
  }
}

function baseOf(text: string): string {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "https:" && !isLoopback(url))) {
    throw new Fault(faults.wrongUrl, { url: text });
  }
  return url.origin;
}

async function credentials(
  given: string | undefined,
): Promise<{ readonly email: string; readonly password: string }> {
  const { email, password } = (await whoSignsIn(given, { ours: true })) ?? {};
  if (email === undefined || password === undefined) {
    throw new Fault(faults.noAccount, { path: secretsPath() });
  }
  return { email, password };
}

function jsonOf(base: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Fault(faults.unreachable, { url: base, reason: "it is no control plane" }, error);
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause.message : String(error);
}
