// Keeps nginx's logs from filling the disk: one that is big is set aside, and one older is kept.
import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { NginxHandle } from "./nginx.ts";

type LoggingNginx = Pick<NginxHandle, "accessLog" | "errorLog" | "rotateLog">;

/** Where nobody reads an nginx's logs: looks at both every so often, until the signal's end. */
export async function keepLogsBounded(order: {
  readonly nginx: LoggingNginx;
  readonly logBytes: number;
  readonly everyMs: number;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { nginx, logBytes, everyMs, signal } = order;
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    for (const log of ["access", "error"] as const) await boundLog(nginx, log, logBytes);
  }
}

/** Sets a log aside when it is bigger than this. */
export async function boundLog(nginx: LoggingNginx, log: "access" | "error", most: number): Promise<void> {
  const size = await stat(log === "access" ? nginx.accessLog : nginx.errorLog).then(
    (found) => found.size,
    () => 0,
  );
  if (size > most) await nginx.rotateLog(log);
}
