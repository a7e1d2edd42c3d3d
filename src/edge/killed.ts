// A drill may keep nginx down for a while. Whether it does now is for this appliance to say, by its own clock.
import { type Denial, inForce } from "#model/denial.ts";
import type { Killed } from "#model/drill.ts";

/** Clocks of two machines that are kept by NTP differ by less. */
export const clocksApartMs = 10_000;

/** Undefined: nginx runs. By a clock so far behind that the drill would be longer than it was ordered, nobody is cut off. */
export function killedNow(killed: Killed | undefined, nowMs: number): Killed | undefined {
  if (killed === undefined || nowMs >= killed.endsAtMs) return undefined;
  return killed.endsAtMs - nowMs > killed.durationMs + clocksApartMs ? undefined : killed;
}

/** Why nginx is down, for reports. */
export function killedWords({ id }: Killed): string {
  return `drill ${id} killed it`;
}

/** What ends by the clock. */
export interface Passing {
  readonly denied: readonly Denial[];
  readonly killed: Killed | undefined;
}

/** Of a state: what is left out is not there. */
type Told = { readonly [K in keyof Passing]?: Passing[K] | undefined };

export function passingNow(desired: Told | undefined, nowMs: number): Passing {
  return { denied: inForce(desired?.denied ?? [], nowMs), killed: killedNow(desired?.killed, nowMs) };
}

/** Equal exactly when nothing of it changed. */
export function passingText({ denied = [], killed }: Told): string {
  return JSON.stringify([denied, killed]);
}
