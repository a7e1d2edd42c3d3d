// The log of every program, and what is kept out of it.
import { type Logger, pino } from "pino";
import { Fault } from "#units/fault.ts";

export type Log = Logger;

export const secretKeys: readonly string[] = [
  "authorization",
  "cookie",
  "password",
  "newPassword",
  "pin",
  "accessToken",
  "refreshToken",
  "secret",
  "token",
  "sessionToken",
  "applianceToken",
];
const deepestCause = 5;

/**
 * The program's log: one JSON line per event on standard error, so that standard output stays a program's answer.
 *
 * Passwords, cookies, tokens and keys are cut out wherever they stand under their name, down to the third level.
 */
export function openLog(name: string, level: string, destination?: string): Log {
  const redact = secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);
  const serializers = { err: (error: unknown) => plainError(error, 0) };
  const options = { name, level, redact, serializers, base: { name } };
  return destination === undefined
    ? pino(options, pino.destination({ dest: 2, sync: true }))
    : pino(options, pino.destination({ dest: destination, mkdir: true, sync: false }));
}

/** An error without whatever else hangs on it: a database driver leaves parameters there, Node the raw request. */
function plainError(error: unknown, depth: number): unknown {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : undefined;
  const facts = error instanceof Fault ? error.facts : undefined;
  const cause =
    error.cause === undefined || depth >= deepestCause ? undefined : plainError(error.cause, depth + 1);
  return { type: error.name, message: error.message, code, facts, cause, stack: error.stack };
}
