// Networks that are no viewer's and no public address. Source: RFC 6890 with IANA's registries of special-purpose IPv4 and
// IPv6 addresses (2024), RFC 5771 and RFC 4291 §2.7 (multicast), RFC 3879 (site-local), RFC 9637 (3fff::/20).

export interface SpecialNetwork {
  /** "10.0.0.0/8". */
  readonly prefix: string;
  /** "private use (RFC 1918)". */
  readonly use: string;
  /** A laboratory may use it for viewers. */
  readonly isLaboratory?: true;
}

export const specialNetworks: readonly SpecialNetwork[] = [
  { prefix: "0.0.0.0/8", use: "this network (RFC 791)" },
  { prefix: "10.0.0.0/8", use: "private use (RFC 1918)", isLaboratory: true },
  { prefix: "100.64.0.0/10", use: "shared behind carrier NAT (RFC 6598)", isLaboratory: true },
  { prefix: "127.0.0.0/8", use: "loopback (RFC 1122)" },
  { prefix: "169.254.0.0/16", use: "link-local (RFC 3927)" },
  { prefix: "172.16.0.0/12", use: "private use (RFC 1918)", isLaboratory: true },
  { prefix: "192.0.0.0/24", use: "protocol assignments (RFC 6890)" },
  { prefix: "192.0.2.0/24", use: "documentation (RFC 5737)", isLaboratory: true },
  { prefix: "192.88.99.0/24", use: "former 6to4 relays (RFC 7526)" },
  { prefix: "192.168.0.0/16", use: "private use (RFC 1918)", isLaboratory: true },
  { prefix: "198.18.0.0/15", use: "benchmarks (RFC 2544)", isLaboratory: true },
  { prefix: "198.51.100.0/24", use: "documentation (RFC 5737)", isLaboratory: true },
  { prefix: "203.0.113.0/24", use: "documentation (RFC 5737)", isLaboratory: true },
  { prefix: "224.0.0.0/4", use: "multicast (RFC 5771)" },
  { prefix: "240.0.0.0/4", use: "reserved (RFC 1112)" },
  { prefix: "::/8", use: "unspecified, loopback and IPv4 in IPv6 (RFC 4291)" },
  { prefix: "64:ff9b::/96", use: "translation to IPv4 (RFC 6052)" },
  { prefix: "64:ff9b:1::/48", use: "local translation to IPv4 (RFC 8215)" },
  { prefix: "100::/64", use: "discard (RFC 6666)" },
  { prefix: "2001::/23", use: "protocol assignments (RFC 2928)" },
  { prefix: "2001:db8::/32", use: "documentation (RFC 3849)", isLaboratory: true },
  { prefix: "2002::/16", use: "6to4 (RFC 3056)" },
  { prefix: "3fff::/20", use: "documentation (RFC 9637)", isLaboratory: true },
  { prefix: "5f00::/16", use: "segment routing ids (RFC 9602)" },
  { prefix: "fc00::/7", use: "unique local (RFC 4193)", isLaboratory: true },
  { prefix: "fe80::/10", use: "link-local (RFC 4291)" },
  { prefix: "fec0::/10", use: "former site-local (RFC 3879)" },
  { prefix: "ff00::/8", use: "multicast (RFC 4291)" },
];
