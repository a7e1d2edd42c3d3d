// BMP messages as a router would write them, for tests. Source: RFC 7854 §4.
import { noCapabilities } from "./capability.ts";
import type { Family } from "./family.ts";
import { joined, octets16, octets32 } from "./message.ts";
import { writeOpen } from "./open.ts";
import { attributesWith, prefixNamed } from "./sample-route.ts";
import { announcement, endOfRib } from "./write-update.ts";

function message(type: number, ...body: readonly Uint8Array[]): Uint8Array {
  const whole = joined(body);
  return joined([Uint8Array.of(3), octets32(6 + whole.length), Uint8Array.of(type), whole]);
}

/** Of the neighbour 192.0.2.N, AS 64500, after the router's policy. */
function head(neighbour: number): Uint8Array {
  const address = joined([new Uint8Array(12), Uint8Array.of(192, 0, 2, neighbour)]);
  return joined([Uint8Array.of(0, 0x40), new Uint8Array(8), address, octets32(64_500), new Uint8Array(12)]);
}

export function bmpUp(neighbour: number, ...families: readonly Family[]): Uint8Array {
  const capabilities = { ...noCapabilities, families };
  const open = writeOpen({ as: 64_500, holdSeconds: 90, routerId: 1, capabilities });
  return message(3, head(neighbour), new Uint8Array(20), open, open);
}

export function bmpDown(neighbour: number): Uint8Array {
  return message(2, head(neighbour), Uint8Array.of(4));
}

export function bmpSaying(neighbour: number, prefix: string, hops: readonly number[]): Uint8Array {
  const update = announcement(attributesWith(hops), [prefixNamed(prefix)], {
    asOctets: 4,
    withPathId: false,
  });
  return message(0, head(neighbour), update);
}

export function bmpWhole(neighbour: number, family: Family): Uint8Array {
  return message(0, head(neighbour), endOfRib(family));
}

export function bmpInitiation(name: string): Uint8Array {
  const text = new TextEncoder().encode(name);
  return message(4, octets16(2), octets16(text.length), text);
}
