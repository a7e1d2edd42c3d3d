// What a listener does not want to hear: networks that no viewer has, prefixes too long or too short to mean anything,
// routes that went through ourselves. Source: RFC 7454 §6; the networks are model/special-networks.ts.
import { firstAs, holdsAs } from "./as-path.ts";
import type { Family } from "./family.ts";
import type { HeardPrefix } from "./nlri.ts";
import type { PathAttributes } from "./path-attributes.ts";
import { specialBlock } from "./special-blocks.ts";

export type Rejection =
  | "default-route"
  | "bogon"
  | "too-short"
  | "too-long"
  | "own-as"
  | "first-as"
  | "too-many-paths";

export interface LengthLimits {
  readonly shortest: number;
  readonly longest: number;
}

/** What operators let through between each other (RFC 7454 §6.1.3); a viewer's route is not finer. */
export const acceptedLengths: Readonly<Record<Family, LengthLimits>> = {
  4: { shortest: 8, longest: 24 },
  6: { shortest: 16, longest: 48 },
};

export interface RouteFilter {
  readonly localAs: number;
  readonly peerAs: number;
  /** Off for a route server, which does not put itself into the path (RFC 7947 §2.2.2). */
  readonly isFirstAsChecked: boolean;
  /** Private, documentation and benchmark networks count as any other: for a laboratory. */
  readonly allowsPrivate: boolean;
  readonly allowsDefaultRoute: boolean;
  readonly lengths: Readonly<Record<Family, LengthLimits>>;
}

/** Why a prefix is not wanted, whatever its path; undefined when it is. */
export function rejectPrefix(heard: HeardPrefix, filter: RouteFilter): Rejection | undefined {
  const { family, length } = heard;
  if (length === 0) return filter.allowsDefaultRoute ? undefined : "default-route";
  const limits = filter.lengths[family];
  if (length < limits.shortest) return "too-short";
  if (length > limits.longest) return "too-long";
  const [first = 0, second = 0] = heard.words;
  const special = specialBlock(family, first, second, length);
  if (special !== undefined && !(special.isLaboratory && filter.allowsPrivate)) return "bogon";
  return undefined;
}

/** Why a path is not wanted, whatever its prefix; undefined when it is. */
export function rejectPath(
  attributes: PathAttributes,
  filter: RouteFilter,
  isExternal: boolean,
): Rejection | undefined {
  const path = attributes.asPath ?? [];
  if (holdsAs(path, filter.localAs)) return "own-as";
  if (isExternal && filter.isFirstAsChecked && firstAs(path) !== filter.peerAs) return "first-as";
  return undefined;
}
