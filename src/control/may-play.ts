// Whether this account may play this title now. The one place to ask before anything is signed or licensed.
import type { Viewer } from "#data/ports.ts";
import { Fault } from "#units/fault.ts";
import type { PublishedTitle } from "./catalogue.ts";
import { controlFaults } from "./faults.ts";

export type Permission =
  | { readonly kind: "may"; readonly maxHeight: number }
  | { readonly kind: "unsold" }
  | { readonly kind: "suspended" }
  | { readonly kind: "too-young"; readonly maturity: number };

/** What a title is rated for, where its catalogue says so. */
export interface Rated {
  /** Years. */
  readonly maturity?: number;
}

/** Who asks, for what: standing first, because it is the account's; then the title's own limits. */
export function mayPlay(
  { entitlement, maturity }: Pick<Viewer, "entitlement" | "maturity">,
  title: Pick<PublishedTitle, "id"> & Rated,
): Permission {
  switch (entitlement.standing) {
    case "none":
      return { kind: "unsold" };
    case "suspended":
      return { kind: "suspended" };
    case "good":
      return (title.maturity ?? 0) > maturity
        ? { kind: "too-young", maturity: title.maturity ?? 0 }
        : { kind: "may", maxHeight: entitlement.maxHeight };
  }
}

/** The highest rung that may be listed. @throws Fault not-subscribed, account-suspended, unknown-title */
export function demandMayPlay(viewer: Viewer, title: PublishedTitle & Rated): number {
  const permission = mayPlay(viewer, title);
  switch (permission.kind) {
    case "may":
      return permission.maxHeight;
    case "unsold":
      throw new Fault(controlFaults.notSubscribed);
    case "suspended":
      throw new Fault(controlFaults.accountSuspended);
    case "too-young":
      // A child's profile is not told what there is for others.
      throw new Fault(controlFaults.unknownTitle, { titleId: title.id });
  }
}
