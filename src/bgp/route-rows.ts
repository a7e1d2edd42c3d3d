// Rows of routes as they travel: keys of prefixes one behind the other, before each announced one the number of its
// attributes, which stand once per part however many prefixes share them. A full table of 1.3 million prefixes takes some
// 12 MB so.
import type { HeardRoute, PackedRows, RoutePart } from "#model/route-feed.ts";
import { keyAt, type PrefixKey } from "./prefix-key.ts";

/** One route set, or taken away when `route` is undefined. */
export interface RowChange {
  readonly session: string;
  readonly key: PrefixKey;
  readonly route: HeardRoute | undefined;
}

export type Unpacked =
  | { readonly kind: "rows"; readonly changes: readonly RowChange[] }
  | { readonly kind: "refused"; readonly because: string };

type Attributes = RoutePart["attributes"][number];

/** What one entry of the attribute table takes as text, about. */
const attributeOctets = 18;

/** Gathers the rows of one part. */
export class RowPacker {
  private readonly numbers = new Map<string, number>();
  private readonly attributes: Attributes[] = [];
  private readonly rows = new Map<string, { announced: string[]; withdrawn: string[] }>();
  private octets = 0;

  /** Octets so far, about. */
  get size(): number {
    return this.octets;
  }

  add({ session, key, route }: RowChange): void {
    const rows = this.rows.get(session) ?? { announced: [], withdrawn: [] };
    this.rows.set(session, rows);
    if (route === undefined) rows.withdrawn.push(key);
    else rows.announced.push(varint(this.numberOf(route)) + key);
    this.octets += key.length + (route === undefined ? 0 : 2);
  }

  finish(): Pick<RoutePart, "attributes" | "rows"> {
    const rows = [...this.rows].map(([session, { announced, withdrawn }]) => ({
      session,
      announced: btoa(announced.join("")),
      withdrawn: btoa(withdrawn.join("")),
    }));
    return { attributes: this.attributes, rows };
  }

  private numberOf({ asPathLength, med, neighbourAs }: HeardRoute): number {
    const name = `${asPathLength} ${med} ${neighbourAs}`;
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    const number = this.attributes.length;
    this.numbers.set(name, number);
    this.attributes.push([asPathLength, med, neighbourAs]);
    this.octets += attributeOctets;
    return number;
  }
}

/** The rows of a part, those that announce first. All of them, or the reason why not. */
export function unpack(part: Pick<RoutePart, "attributes" | "rows">): Unpacked {
  const routes = part.attributes.map(
    ([asPathLength, med, neighbourAs]): HeardRoute => ({ asPathLength, med, neighbourAs }),
  );
  const changes: RowChange[] = [];
  for (const packed of part.rows) {
    const because = readAnnounced(packed, routes, changes) ?? readWithdrawn(packed, changes);
    if (because !== undefined) return { kind: "refused", because: `session ${packed.session}: ${because}` };
  }
  return { kind: "rows", changes };
}

function readAnnounced(
  { session, announced }: PackedRows,
  routes: readonly HeardRoute[],
  into: RowChange[],
): string | undefined {
  const octets = octetsOf(announced);
  if (octets === undefined) return "announced routes are not base64";
  let at = 0;
  while (at < octets.length) {
    let number = 0;
    let weight = 1;
    let code = 0;
    do {
      code = octets.charCodeAt(at++);
      number += (code & 0x7f) * weight;
      weight *= 128;
    } while (code >= 0x80 && weight < 2 ** 28);
    const route = routes[number];
    if (route === undefined)
      return `an announced route has attributes ${number}, of which there are ${routes.length}`;
    const key = keyAt(octets, at);
    if (key === undefined) return `the prefix of an announced route at octet ${at} cannot be read`;
    into.push({ session, key, route });
    at += key.length;
  }
  return undefined;
}

function readWithdrawn({ session, withdrawn }: PackedRows, into: RowChange[]): string | undefined {
  const octets = octetsOf(withdrawn);
  if (octets === undefined) return "withdrawn routes are not base64";
  let at = 0;
  while (at < octets.length) {
    const key = keyAt(octets, at);
    if (key === undefined) return `the withdrawn prefix at octet ${at} cannot be read`;
    into.push({ session, key, route: undefined });
    at += key.length;
  }
  return undefined;
}

function octetsOf(base64: string): string | undefined {
  try {
    return atob(base64);
  } catch {
    return undefined;
  }
}

/** Seven bits per octet, lowest first; the high bit says that more follow. */
function varint(number: number): string {
  let rest = number;
  let text = "";
  while (rest >= 0x80) {
    text += String.fromCharCode((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return text + String.fromCharCode(rest);
}
