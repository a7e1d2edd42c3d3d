// Bodies that do not end. Node waits for headers, a minute at most; the body after them is waited for here.
import type { IncomingMessage } from "node:http";

/** Cuts a request that has not come whole by then. One without a body has, however long its answer takes. */
export function endSlowBody(request: IncomingMessage, afterMs: number): void {
  const end = (): void => {
    if (!request.complete) request.destroy();
  };
  const timer = setTimeout(end, afterMs).unref();
  request.once("close", () => clearTimeout(timer));
}
