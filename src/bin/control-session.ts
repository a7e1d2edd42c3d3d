// A program that asks a running control plane as one of its operators.
import { createInterface } from "node:readline";
import { Fault, type FaultTable } from "#units/fault.ts";

const faults = {
  noAnswer: { code: "control-no-answer", status: 502, sentence: "{url} does not answer: {reason}" },
  refused: { code: "control-refused", status: 502, sentence: "{url} answered {status}: {reason}" },
} as const satisfies FaultTable;

const patienceMs = 10_000;

/** The cookie of a sign-in, as a header. @throws Fault when nobody answers, or who does refuses */
export async function signedInAt(control: string, email: string, password: string): Promise<string> {
  const signedIn = await asked(new URL("/v1/sign-in", control), {
    method: "POST",
    headers: { "content-type": "application/json", origin: new URL(control).origin },
    body: JSON.stringify({ email, password }),
  });
  const cookies = signedIn.headers.getSetCookie().map((line) => line.split(";")[0] ?? "");
  return cookies.join("; ");
}

/** The first line of standard input: a password in the command would stand in the list of processes. */
export async function passwordLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  return "";
}

export async function asked(url: URL, init: RequestInit, mostMs = patienceMs): Promise<Response> {
  const signal = AbortSignal.timeout(mostMs);
  const answer = await fetch(url, { ...init, signal }).catch((error: unknown) => {
    throw new Fault(faults.noAnswer, { url: url.origin, reason: String(error) }, error);
  });
  if (answer.ok) return answer;
  const reason = (await answer.text()).slice(0, 300);
  throw new Fault(faults.refused, { url: url.origin, status: answer.status, reason });
}
