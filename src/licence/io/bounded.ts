// One question to a provider: with a deadline, without redirects, and no more of an answer than was agreed on.
import { licenceFaults } from "#licence/faults.ts";
import { Fault } from "#units/fault.ts";

export interface Question {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  /** Empty: none. */
  readonly token: string;
  readonly deadlineMs: number;
  readonly mostBytes: number;
  /** Whoever waits for the answer may give up before its deadline. */
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** @throws Fault licence-provider-failed, licence-provider-slow; the reason of a signal that was aborted */
export async function bounded(question: Question): Promise<Answer> {
  const { url, token, deadlineMs, mostBytes } = question;
  const proof = token === "" ? {} : { authorization: `Bearer ${token}` };
  const body = typeof question.body === "string" ? question.body : new Uint8Array(question.body);
  const late = AbortSignal.timeout(deadlineMs);
  const signal = question.signal === undefined ? late : AbortSignal.any([late, question.signal]);
  try {
    const answer = await fetch(url, {
      ...{ method: "POST", redirect: "error", body, signal },
      headers: { ...question.headers, ...proof },
    });
    return { status: answer.status, headers: answer.headers, body: await readUpTo(answer, mostBytes) };
  } catch (error) {
    if (error instanceof Fault) throw error;
    question.signal?.throwIfAborted();
    if (late.aborted) throw new Fault(licenceFaults.providerSlow, { deadlineMs });
    // The address may hold a secret, and an error's text the address: only the system's own word goes on.
    const cause = error instanceof Error ? error.cause : undefined;
    const because = cause instanceof Error && "code" in cause ? String(cause.code) : "no answer";
    throw new Fault(licenceFaults.providerFailed, { because });
  }
}

async function readUpTo(answer: Response, mostBytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of answer.body ?? []) {
    size += piece.length;
    if (size > mostBytes) {
      throw new Fault(licenceFaults.providerFailed, { because: `more than ${mostBytes} bytes` });
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
