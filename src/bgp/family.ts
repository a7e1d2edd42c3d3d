// Address families as BGP numbers them, and the two that are listened to: unicast IPv4 and IPv6.
// Source: RFC 4760; IANA address family numbers.

export type Family = 4 | 6;

export const families: readonly Family[] = [4, 6];
export const unicast = 1;

export function afiOf(family: Family): number {
  return family === 4 ? 1 : 2;
}

/** The family of an AFI and SAFI; undefined for any that is not listened to. */
export function familyOf(afi: number, safi: number): Family | undefined {
  if (safi !== unicast) return undefined;
  return afi === 1 ? 4 : afi === 2 ? 6 : undefined;
}
