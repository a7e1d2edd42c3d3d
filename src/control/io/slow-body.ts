// Bodies that do not end. Node waits for headers, a minute at most; the body after them is waited for here.
import type { IncomingMessage } from "node:http";

/**
 * Cuts a request that has not come whole after so many milliseconds. One without a body has, however long its answer takes. Nearly
 * every body comes in the same turn of the loop as its headers, so only those that did not are given a timer.
 */
export function slowBodyEnd(afterMs: number): (request: IncomingMessage) => void {
  let fresh: IncomingMessage[] = [];
  const look = (): void => {
    const begun = fresh;
    fresh = [];
    for (const request of begun) if (!request.complete && !request.destroyed) watch(request, afterMs);
  };
  return (request) => {
    if (fresh.push(request) === 1) setImmediate(look);
  };
}

function watch(request: IncomingMessage, afterMs: number): void {
  const end = (): void => {
    if (!request.complete) request.destroy();
  };
  const timer = setTimeout(end, afterMs).unref();
  request.once("close", () => clearTimeout(timer));
}
