import { type Logger, pino } from "pino";

export type Log = Logger;

/**
 * The program's log: one JSON line per event on standard error, so that standard output stays a program's answer.
 *
 * Passwords, cookies, tokens and keys are cut out wherever they appear at these paths.
 */
export function openLog(name: string, level: string, destination?: string): Log {
  const redact = [
    "password",
    "*.password",
    "cookie",
    "*.cookie",
    "req.headers.cookie",
    "req.headers.authorization",
    "secret",
    "*.secret",
    "sessionToken",
  ];
  const options = { name, level, redact, base: { name } };
  return destination === undefined
    ? pino(options, pino.destination({ dest: 2, sync: true }))
    : pino(options, pino.destination({ dest: destination, mkdir: true, sync: false }));
}
