// Which keys a licence may hold, as a decision over facts: no lease, no licence; of the rest, what was asked for, is the session's
// title's, and opens a rung that its play lists.
import type { KeyLabel, TitleProtection } from "#model/content-key.ts";
import type { Standing } from "#model/entitlement.ts";

export interface LicenceFacts {
  /** As the store answered last. */
  readonly lease: "lives" | "lost";
  readonly standing: Standing;
  /** The session, or its title. */
  readonly denied: boolean;
  /** Of the session's title alone. */
  readonly keys: readonly IssuableKey[];
  /** Of rungs that the play lists, and of the sound. */
  readonly labels: ReadonlySet<KeyLabel>;
  /** Lowercase hex; undefined: whoever asks cannot say which (another system's challenge). */
  readonly asked: readonly string[] | undefined;
  readonly nowMs: number;
}

export interface IssuableKey {
  readonly kid: string;
  readonly label: KeyLabel;
  /** Undefined: none. */
  readonly endsAtMs: number | undefined;
}

export type LicenceDecision =
  | { readonly kind: "issue"; readonly kids: readonly string[] }
  | { readonly kind: "refused"; readonly because: "lost" | "none" | "suspended" | "denied" | "not-granted" };

export function decideLicence(facts: LicenceFacts): LicenceDecision {
  const { lease, standing, denied, keys, labels, asked, nowMs } = facts;
  if (lease === "lost") return { kind: "refused", because: "lost" };
  if (standing !== "good") return { kind: "refused", because: standing };
  if (denied) return { kind: "refused", because: "denied" };
  const kids = keys
    .filter(({ kid }) => asked === undefined || asked.includes(kid))
    .filter(({ label }) => labels.has(label))
    .filter(({ endsAtMs }) => nowMs < (endsAtMs ?? Number.POSITIVE_INFINITY))
    .map(({ kid }) => kid);
  return kids.length === 0 ? { kind: "refused", because: "not-granted" } : { kind: "issue", kids };
}

/** A label is one key for a tier: who may see one rung of it can open all. `listed`: the play's renditions. */
export function labelsOf(
  { tracks }: TitleProtection,
  listed: readonly { readonly id: string }[],
): ReadonlySet<KeyLabel> {
  const ids = new Set(listed.map(({ id }) => id));
  return new Set(tracks.filter(({ rendition }) => ids.has(rendition)).map(({ label }) => label));
}
