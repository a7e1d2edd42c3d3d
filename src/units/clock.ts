import type { Milliseconds } from "./quantity.ts";

/** Time as a port: domains take it as a value, only `io/` reads the real one. */
export interface Clock {
  /** Wall time since 1970, may jump. For stamps that people read and expiries that other machines check. */
  wallMs(): Milliseconds;
  /** Time that never goes back. For durations and deadlines. */
  monoMs(): Milliseconds;
}
