// The file that names a site's BGP neighbours, written by an operator.
import { z } from "zod";
import { idText } from "./viewer.ts";

const asNumber = z.number().int().min(1).max(4_294_967_295);
const family = z.enum(["ipv4", "ipv6"]);
const perFamily = z.strictObject({
  ipv4: z.number().int().min(1).max(10_000_000).optional(),
  ipv6: z.number().int().min(1).max(10_000_000).optional(),
});
const lengths = z.strictObject({ shortest: z.number().int().min(0), longest: z.number().int().max(128) });

export const bgpPeer = z.strictObject({
  /** The neighbour's address; connections from others are turned away. */
  address: z.string(),
  /** Its port, where we connect to it. */
  port: z.number().int().min(1).max(65_535).default(179),
  /** Our own address towards it, where the system would choose another. */
  source: z.string().optional(),
  as: asNumber,
  /** Whose routes these are. */
  site: idText,
  /** Wait for the neighbour, and never connect to it. */
  passive: z.boolean().default(true),
  families: z.array(family).min(1).default(["ipv4", "ipv6"]),
  /** Families in which several paths of one prefix are wanted. */
  addPath: z.array(family).default([]),
  /** More prefixes than that end the session. A full table had 1.05 M of IPv4 and 0.24 M of IPv6 in 2026. */
  maxPrefix: perFamily.default({}),
  /** The first AS of every path must be the neighbour's. Not so behind a route server. */
  firstAs: z.boolean().default(true),
  /** Take a default route too. */
  defaultRoute: z.boolean().default(false),
  lengths: z.strictObject({ ipv4: lengths.optional(), ipv6: lengths.optional() }).default({}),
  /** Node's sockets cannot sign segments: rather no session than one that is believed to be signed. */
  password: z
    .undefined({
      error:
        "a password is not supported: Node cannot set TCP-MD5 or TCP-AO on a socket. Let a BIRD on this machine end the session, and peer with it over loopback",
    })
    .optional(),
});
export type BgpPeer = z.infer<typeof bgpPeer>;

export const bgpFile = z.strictObject({
  localAs: asNumber,
  /** Written as an IPv4 address; other for every speaker of an AS. */
  routerId: z.string(),
  /** Where neighbours connect to; left out where all are connected to from here. */
  listen: z
    .strictObject({ host: z.string(), port: z.number().int().min(0).max(65_535).default(179) })
    .optional(),
  /** Take private and documentation networks as any other: for laboratories. */
  allowPrivate: z.boolean().default(false),
  peers: z.array(bgpPeer).min(1).max(256),
});
export type BgpFile = z.infer<typeof bgpFile>;
