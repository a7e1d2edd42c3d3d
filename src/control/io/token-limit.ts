// How often a session may speak: counted by its token, in windows that begin with its first request. Beats and beacons come thousands
// of times a second, and the plugin that counts everything else waits for its own store three times over for each.
import type { preHandlerHookHandler } from "fastify";
import { controlFaults } from "#control/faults.ts";
import { Fault } from "#units/fault.ts";
import { tokenIn } from "./asked.ts";
import type { Desk } from "./desk.ts";

interface Window {
  endsAtMs: number;
  count: number;
}

const windowMs = 60_000;
/** Beyond, whose window began longest ago is forgotten. As many as the intake knows. */
const mostKeys = 50_000;

/** For a route of its own: each counts for itself. @throws Fault too-many */
export function limitByToken(
  { clock }: Pick<Desk, "clock">,
  max: number,
  keysAtMost = mostKeys,
): preHandlerHookHandler {
  const windows = new Map<string, Window>();
  const begin = (key: string, nowMs: number): Window => {
    windows.delete(key);
    const window = { endsAtMs: nowMs + windowMs, count: 0 };
    windows.set(key, window);
    const [oldest] = windows.size > keysAtMost ? windows.keys() : [];
    if (oldest !== undefined) windows.delete(oldest);
    return window;
  };
  return (request, _reply, done) => {
    const key = tokenIn(request.body) ?? request.ip;
    const nowMs = clock.monoMs();
    const known = windows.get(key);
    const window = known !== undefined && nowMs < known.endsAtMs ? known : begin(key, nowMs);
    window.count += 1;
    if (window.count <= max) return done();
    throw new Fault(controlFaults.tooMany, { seconds: Math.ceil((window.endsAtMs - nowMs) / 1000) });
  };
}
