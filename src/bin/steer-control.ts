// Asks a running control plane to explain a decision, as its operator.
import { createInterface } from "node:readline";
import { Fault, type FaultTable } from "#units/fault.ts";
import { type OpsExplain, opsExplain } from "#wire/ops.ts";

const faults = {
  noAnswer: { code: "control-no-answer", status: 502, sentence: "{url} does not answer: {reason}" },
  refused: { code: "control-refused", status: 502, sentence: "{url} answered {status}: {reason}" },
} as const satisfies FaultTable;

const patienceMs = 10_000;

export interface ControlQuestion {
  /** "http://127.0.0.1:8080" */
  readonly control: string;
  readonly email: string;
  readonly password: string;
  readonly client: string;
  readonly title: string | undefined;
  readonly session: string;
}

/** @throws Fault when nobody answers, or who does refuses */
export async function explainByControl(question: ControlQuestion): Promise<OpsExplain> {
  const { control, email, password, client, title, session } = question;
  const signedIn = await asked(new URL("/v1/sign-in", control), {
    method: "POST",
    headers: { "content-type": "application/json", origin: new URL(control).origin },
    body: JSON.stringify({ email, password }),
  });
  const cookie = signedIn.headers.getSetCookie().map((line) => line.split(";")[0] ?? "");
  const address = new URL("/v1/ops/steer/explain", control);
  address.search = new URLSearchParams({
    client,
    session,
    ...(title === undefined ? {} : { title }),
  }).toString();
  const answer = await asked(address, { headers: { cookie: cookie.join("; ") } });
  return opsExplain.parse(await answer.json());
}

/** The first line of standard input: a password in the command would stand in the list of processes. */
export async function passwordLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  return "";
}

async function asked(url: URL, init: RequestInit): Promise<Response> {
  const signal = AbortSignal.timeout(patienceMs);
  const answer = await fetch(url, { ...init, signal }).catch((error: unknown) => {
    throw new Fault(faults.noAnswer, { url: url.origin, reason: String(error) }, error);
  });
  if (answer.ok) return answer;
  const reason = (await answer.text()).slice(0, 300);
  throw new Fault(faults.refused, { url: url.origin, status: answer.status, reason });
}
