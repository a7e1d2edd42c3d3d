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

/** What is wanted of routes that others collected: they passed a router's own checks. */
const collectedRoutes = {
  /** Whose routes these are. */
  site: idText,
  /** Addresses of the neighbours whose routes count; all when left out. */
  neighbours: z.array(z.string()).min(1).max(192).optional(),
  defaultRoute: z.boolean().default(false),
  lengths: z.strictObject({ ipv4: lengths.optional(), ipv6: lengths.optional() }).default({}),
};

export const bmpRouter = z.strictObject({
  /** The router's address; connections from others are closed. */
  address: z.string(),
  /** What its neighbours said, what its policy let through of that, or what it chose (RFC 7854, RFC 9069). */
  view: z.enum(["pre-policy", "post-policy", "loc-rib"]).default("post-policy"),
  /** More paths than that end the connection. */
  maxPaths: z.number().int().min(1).max(10_000_000).default(4_000_000),
  ...collectedRoutes,
});

/** Routers that export their sessions over BMP (RFC 7854). They connect to us. */
export const bmpStation = z.strictObject({
  listen: z.strictObject({ host: z.string(), port: z.number().int().min(0).max(65_535).default(11_019) }),
  routers: z.array(bmpRouter).min(1).max(64),
});

/** A dump that a router or a collector writes (RFC 6396), read again whenever it is replaced. */
export const mrtDump = z.strictObject({
  /** Seen from this file's folder; may be compressed with gzip. */
  file: z.string().min(1),
  ...collectedRoutes,
});

const bgpFileShape = z.strictObject({
  localAs: asNumber,
  /** Written as an IPv4 address; other for every speaker of an AS. */
  routerId: z.string(),
  /** Where neighbours connect to; left out where all are connected to from here. */
  listen: z
    .strictObject({ host: z.string(), port: z.number().int().min(0).max(65_535).default(179) })
    .optional(),
  /** Take private and documentation networks as any other: for laboratories. */
  allowPrivate: z.boolean().default(false),
  peers: z.array(bgpPeer).max(256).default([]),
  bmp: bmpStation.optional(),
  mrt: z.array(mrtDump).max(16).default([]),
});
export const bgpFile = bgpFileShape.refine(
  ({ peers, bmp, mrt }) => peers.length > 0 || bmp !== undefined || mrt.length > 0,
  { error: "wanted at least one of peers, bmp and mrt: nothing would be heard" },
);
export type BgpFile = z.infer<typeof bgpFile>;
