// Kernel settings of an appliance, as a sysctl.d file: few, and each with its reason. What the kernel's default already
// does, what nobody has measured here and what is for other kinds of server is left out, however often it is copied.

export interface KernelSetting {
  readonly name: string;
  readonly value: string;
  /** One sentence. */
  readonly why: string;
  /** Some kernels lack it, and an appliance does without. */
  readonly isOptional?: boolean;
}

/** The backlog that nginx asks for. */
export const listenBacklog = 4096;
/**
 * Two milliseconds at 1 Gbit/s, 50 at 40 Mbit/s: what nginx, woken in between, hands over next. Measured over loopback, 128 KiB to
 * 1 MiB cost no more CPU per byte than no bound.
 */
const unsentBytes = 256 * 2 ** 10;
/** One gigabit per second over 130 ms, or ten over 13 ms. */
const connectionBufferBytes = 16 * 2 ** 20;

export const kernelSettings: readonly KernelSetting[] = [
  {
    name: "net.core.default_qdisc",
    value: "fq",
    why: "fq sends each connection's packets at the rate that its congestion control asks for, instead of a segment as one burst; network cards take it at the next boot.",
    isOptional: true,
  },
  {
    name: "net.ipv4.tcp_congestion_control",
    value: "bbr",
    why: "BBR measures what the path to a viewer carries, and a packet lost on a radio link does not halve the rate as it does with cubic.",
    isOptional: true,
  },
  {
    name: "net.ipv4.tcp_slow_start_after_idle",
    value: "0",
    why: "A player pauses between two segments for longer than a timeout, and without this each segment would begin with ten packets again.",
  },
  {
    name: "net.core.somaxconn",
    value: `${listenBacklog}`,
    why: "nginx asks for a backlog of this length, which a lower limit would cut without a word when an evening begins.",
  },
  {
    name: "net.ipv4.tcp_wmem",
    value: `4096 16384 ${connectionBufferBytes}`,
    why: "16 MiB in flight are 1 Gbit/s over 130 ms; the default of 4 MiB would hold a distant peer or viewer at a quarter of that.",
  },
  {
    name: "net.ipv4.tcp_notsent_lowat",
    value: `${unsentBytes}`,
    why: "A client that asks for films and does not read them holds this much of the memory that all TCP shares, and not as much as tcp_wmem allows.",
  },
  {
    name: "net.ipv4.tcp_rmem",
    value: `4096 131072 ${connectionBufferBytes}`,
    why: "The same for what this appliance receives: the nightly fill comes over few connections, each of which should fill the line.",
  },
  {
    name: "net.ipv4.tcp_mtu_probing",
    value: "1",
    why: "Behind tunnels that swallow “too big” messages a connection would stand still after its first full packet; this finds the size that passes.",
  },
  {
    name: "net.ipv4.ip_local_port_range",
    value: "16384 65535",
    why: "Ports of connections to peers and the origin; it begins above those that services are given by habit (8080, 8443), so that none is taken from them.",
  },
  {
    name: "net.ipv4.tcp_syncookies",
    value: "1",
    why: "A flood of half-open connections must not keep viewers out; it is the default, and is said here because appliances stand in the open.",
  },
];

/** A leading minus: the system goes on when the kernel lacks it. Source: sysctl.d(5). */
export function sysctlText(): string {
  return [
    "# Written by millrace appliance install. Values of your own: in a file of this folder whose name sorts later.",
    ...kernelSettings.flatMap(({ name, value, why, isOptional = false }) => [
      "",
      `# ${why}`,
      `${isOptional ? "-" : ""}${name} = ${value}`,
    ]),
    "",
  ].join("\n");
}
