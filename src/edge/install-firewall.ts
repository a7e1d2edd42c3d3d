// The firewall of an appliance: a table of its own beside whatever else the machine filters, and the unit that loads it.
import { installPaths } from "./install-paths.ts";

const pings = 1000;
const table = "inet millrace_appliance";

export interface FirewallPorts {
  readonly serve: readonly number[];
  /** Where this machine's ssh may listen: never locked out. */
  readonly ssh: readonly number[];
}

/**
 * The ruleset, loaded as a whole or not at all. Connections of viewers are not tracked: a table of connections has an
 * end, which a flood would reach, and costs each packet a look.
 */
export function firewallText({ serve, ssh }: FirewallPorts): string {
  const served = `{ ${serve.join(", ")} }`;
  const open = [...new Set(ssh)].sort((a, b) => a - b).join(", ");
  return [
    "#!/usr/sbin/nft -f",
    "# Written by millrace appliance install. Rules of your own belong into a table of your own.",
    "# What this table drops is dropped, whatever other tables accept.",
    `table ${table}`,
    `delete table ${table}`,
    `table ${table} {`,
    "  chain untracked_in {",
    "    type filter hook prerouting priority raw; policy accept;",
    `    tcp dport ${served} notrack`,
    "  }",
    "  chain untracked_out {",
    "    type filter hook output priority raw; policy accept;",
    `    tcp sport ${served} notrack`,
    "  }",
    "  chain input {",
    "    type filter hook input priority filter; policy drop;",
    '    iif "lo" accept',
    "    # ssh first: whatever follows, an operator gets in.",
    `    tcp dport { ${open} } accept`,
    "    # Viewers and peers.",
    `    tcp dport ${served} accept`,
    "    # A flood of pings is cut. What finds neighbours, routers and path sizes is not, for IPv6 dies without it.",
    `    icmp type echo-request limit rate over ${pings}/second drop`,
    `    icmpv6 type echo-request limit rate over ${pings}/second drop`,
    "    meta l4proto { icmp, ipv6-icmp } accept",
    "    # Answers to what this machine asked: control plane, peers, origin, names, time, updates.",
    "    ct state established,related accept",
    "    # Addresses by DHCP.",
    "    udp sport 67 udp dport 68 accept",
    "    ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept",
    "  }",
    "}",
    "",
  ].join("\n");
}

/** Debian's nftables.service empties all tables when it starts or reloads: this one follows it. */
export function firewallUnit(): string {
  return [
    "# Written by millrace appliance install; switched on by its option --firewall.",
    "[Unit]",
    "Description=Firewall of the Millrace appliance",
    "Documentation=man:nft(8)",
    "DefaultDependencies=no",
    "Wants=network-pre.target",
    "Before=network-pre.target shutdown.target",
    "Conflicts=shutdown.target",
    "After=local-fs.target nftables.service",
    "PartOf=nftables.service",
    "ReloadPropagatedFrom=nftables.service",
    "",
    "[Service]",
    "Type=oneshot",
    "RemainAfterExit=yes",
    `ExecStart=/usr/sbin/nft -f ${installPaths.firewall}`,
    `ExecReload=/usr/sbin/nft -f ${installPaths.firewall}`,
    `ExecStop=/usr/sbin/nft delete table ${table}`,
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "CapabilityBoundingSet=CAP_NET_ADMIN",
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    "",
  ].join("\n");
}
