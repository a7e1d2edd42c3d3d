// A control plane that is not sure to be the active one says nothing: what it knows of devices, denials, screens and titles may be over.
import type { PlaneHold } from "#data/ports-plane.ts";
import type { ErrorBody } from "#wire/viewer.ts";
import type { App } from "./app.ts";

const refusal: ErrorBody = {
  error: {
    code: "not-active",
    message: "This control plane is not the active one. Ask again: another answers.",
  },
};
const refusalText = JSON.stringify(refusal);

/** Before every other hook: nothing is done for a request that nobody will answer. */
export function holdGate(app: App, hold: Pick<PlaneHold, "isSure">): void {
  app.addHook("onRequest", (_request, reply, done) => {
    if (hold.isSure()) return done();
    reply.hijack();
    reply.raw.writeHead(503, {
      "content-type": "application/json; charset=utf-8",
      "content-length": Buffer.byteLength(refusalText),
      "cache-control": "no-store",
      "retry-after": "2",
      connection: "close",
    });
    reply.raw.end(refusalText);
  });
  // What began while it was sure may end when it is not: it was stopped in between. Nobody hears it.
  app.addHook("onSend", ({ raw }, _reply, _payload, done) => {
    if (!hold.isSure()) raw.destroy();
    done();
  });
}
