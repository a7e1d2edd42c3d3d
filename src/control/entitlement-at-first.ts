// What an account may do that was just made by whoever it is for.
import { nothingSold } from "#account/subscription-state.ts";
import { type Entitlement, unsold } from "#model/entitlement.ts";
import type { ControlPorts } from "./ports.ts";

/** Where watching is sold, nothing before it is bought; else what the setting says. */
export function entitlementAtFirst({
  billing,
  signUpStanding,
}: Pick<ControlPorts["settings"], "billing" | "signUpStanding">): Entitlement {
  if (billing !== "off") return nothingSold;
  return { ...unsold, standing: signUpStanding === "none" ? "none" : "good" };
}
