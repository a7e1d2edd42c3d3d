// The deny list in force: here at once, and told to whoever hands it to the appliances.
import type { Denial } from "#model/denial.ts";
import type { Desk } from "./desk.ts";

export function setDenials(desk: Desk, denials: readonly Denial[]): void {
  desk.state.denials = denials;
  desk.onDenials(denials);
}
