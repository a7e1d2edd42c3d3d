// What hears how the play fares.
import type { Observation } from "#play/beacons.ts";

export interface Telemetry {
  /** Call often: a beacon is made only when one is due. */
  observe(observation: Observation): void;
  /** The page is hidden: nobody may hear of it again. */
  hide(observation: Observation): void;
  /** The page or the player goes away. */
  leave(observation: Observation): void;
}
