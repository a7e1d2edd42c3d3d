// The systemd unit of an appliance, as text.
//
// One unit for agent and nginx, because the agent starts, watches and stops its nginx itself. What systemd must not do is
// take nginx down with its agent. KillMode=process leaves it to the agent: asked to stop, it lets nginx finish and ends
// it; killed or replaced, it leaves nginx serving, and the next agent adopts it. Two units would have to be kept in step
// (who starts whom, whose reload is whose) to gain nothing more. Source: systemd.kill(5), systemd.service(5), systemd.exec(5).
import { type InstallOrder, listenText, servedPorts } from "./install-order.ts";
import { installPaths } from "./install-paths.ts";
import { edgeSettings } from "./settings.ts";

/** Open files of nginx's workers follow from MILLRACE_EDGE_CONNECTIONS: two for each, and some. */
export const openFilesLimit = 1_048_576;
/** Beyond the grace for nginx: goodbye, TERM and KILL take four seconds at most; the rest is for a busy machine. */
const stopMarginSeconds = 30;

export function stopTimeoutSeconds(order: InstallOrder): number {
  return order.stopGraceSeconds + stopMarginSeconds;
}

/** What the unit runs: the release that `current` names. */
export function agentArgv(
  order: InstallOrder,
  budgetBytes: number,
): readonly [program: string, ...args: string[]] {
  const { id, controlUrl, listen, advertise, dir, prefix } = order;
  return [
    `${prefix}/current/millrace`,
    ...["appliance", "--id", id, "--control", controlUrl, "--token-file", installPaths.token],
    ...["--listen", listenText(listen), "--dir", dir, "--budget", `${budgetBytes}`],
    ...(advertise === undefined ? [] : ["--advertise", advertise]),
  ];
}

export function agentUnit(order: InstallOrder, budgetBytes: number): string {
  return [
    "# Written by millrace appliance install. To change it, run that again, or: systemctl edit millrace-appliance",
    "[Unit]",
    `Description=Millrace appliance ${order.id}: nginx, its disk, and the fill`,
    "Documentation=file:/opt/millrace/current/docs/appliance-debian.md".replace(
      "/opt/millrace",
      order.prefix,
    ),
    "Wants=network-online.target modprobe@tls.service",
    "After=network-online.target modprobe@tls.service",
    "# Without its disk it would fill the system's.",
    `RequiresMountsFor=${order.dir}`,
    "# An appliance that cannot start tries again for as long as it takes.",
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    "Type=exec",
    `User=${order.user}`,
    `EnvironmentFile=${installPaths.environment}`,
    `ExecStart=${agentArgv(order, budgetBytes).map(unitWord).join(" ")}`,
    ...life(order),
    "",
    ...hardening(order),
    "",
    "[Install]",
    "WantedBy=multi-user.target",
    "",
  ].join("\n");
}

function life(order: InstallOrder): string[] {
  return [
    "",
    "# nginx serves on without its agent: only the agent is signalled, and it ends nginx when it is told to stop.",
    "KillMode=process",
    "Restart=always",
    "RestartSec=1",
    "# Wrong options and settings stay wrong: the journal says which.",
    "RestartPreventExitStatus=2",
    `# ${edgeSettings.stopGraceMs.name} and what the agent needs beside it.`,
    `TimeoutStopSec=${stopTimeoutSeconds(order)}`,
    "# A worker that ran out of memory is replaced by nginx; it is no reason to end the appliance.",
    "OOMPolicy=continue",
    `LimitNOFILE=${openFilesLimit}`,
    "# Left out: WatchdogSec=, since the agent sends systemd no sign of life.",
  ];
}

function hardening(order: InstallOrder): string[] {
  const { dir } = order;
  const capability = servedPorts(order).some((port) => port < 1024) ? "CAP_NET_BIND_SERVICE" : "";
  return [
    "# A port below 1024 needs one capability, other ports none.",
    `CapabilityBoundingSet=${capability}`,
    `AmbientCapabilities=${capability}`,
    "NoNewPrivileges=yes",
    "UMask=0077",
    "ProtectSystem=strict",
    `ReadWritePaths=${dir}`,
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "ProtectProc=invisible",
    "ProtectClock=yes",
    "ProtectControlGroups=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "LockPersonality=yes",
    "KeyringMode=private",
    "# Netlink: the C library asks it which address families there are.",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "SystemCallFilter=~@privileged @resources",
    "# Only to step back behind others, for what can wait.",
    "SystemCallFilter=setpriority ioprio_set",
    "SystemCallErrorNumber=EPERM",
    "# Left out: MemoryDenyWriteExecute=, since V8 compiles JavaScript into memory that it then runs.",
    "# Left out: ProcSubset=pid, since load, memory and listening ports are read from /proc.",
    "# Left out: PrivateUsers=, in which the capability to bind a low port would be worth nothing.",
  ];
}

/** One word of ExecStart=, in which systemd reads quotes, specifiers and variables. Source: systemd.service(5). */
export function unitWord(word: string): string {
  const plain = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  if (/^[A-Za-z0-9_./:@%$[\]=,+-]+$/.test(plain)) return plain;
  return `"${plain.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
