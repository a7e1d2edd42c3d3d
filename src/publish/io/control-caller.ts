// Talks to a control plane as an operator: signs in, asks, signs out.
import { senderFaults } from "#publish/sender-faults.ts";
import { Fault } from "#units/fault.ts";
import { errorBody } from "#wire/viewer.ts";

export interface ControlCaller {
  /** "https://millrace.example.org". */
  readonly server: string;
  readonly cookie: string;
}

const answerMs = 30_000;

/** @throws Fault publish-answered, publish-strange; TypeError of fetch when it cannot be reached */
export async function signInTo(
  server: string,
  who: { readonly email: string; readonly password: string },
  signal: AbortSignal,
): Promise<ControlCaller> {
  const response = await ask({ server, cookie: "" }, "POST", "/v1/sign-in", signal, who);
  const cookie = response.headers.getSetCookie()[0]?.split(";")[0];
  if (cookie === undefined) throw new Fault(senderFaults.strange, { server, what: "it gave no cookie" });
  return { server, cookie };
}

export async function signOutOf(caller: ControlCaller, signal: AbortSignal): Promise<void> {
  await ask(caller, "POST", "/v1/sign-out", signal, {});
}

/** The body as it came. @throws like signInTo */
export async function askJson(
  caller: ControlCaller,
  method: "GET" | "POST",
  path: string,
  signal: AbortSignal,
  body?: unknown,
): Promise<unknown> {
  const response = await ask(caller, method, path, signal, body);
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault(
      senderFaults.strange,
      { server: caller.server, what: "it does not answer in JSON" },
      cause,
    );
  }
}

async function ask(
  { server, cookie }: ControlCaller,
  method: string,
  path: string,
  signal: AbortSignal,
  body?: unknown,
): Promise<Response> {
  const response = await fetch(`${server}${path}`, {
    method,
    redirect: "error",
    headers: {
      ...(cookie === "" ? {} : { cookie }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw refusalIn(server, response.status, await response.text());
  return response;
}

/** The server's own sentence. */
export function refusalIn(server: string, status: number, text: string): Fault {
  const row = { ...senderFaults.answered, status };
  try {
    const { error } = errorBody.parse(JSON.parse(text));
    return new Fault(row, { server, code: error.code, sentence: error.message });
  } catch {
    return new Fault(row, { server, code: `${status}`, sentence: `status ${status}` });
  }
}
