/** Where an installed appliance's files lie, whatever its options. All are below the root that is installed into. */
export const installPaths = {
  folder: "/etc/millrace",
  environment: "/etc/millrace/appliance.env",
  token: "/etc/millrace/appliance.token",
  firewall: "/etc/millrace/firewall.nft",
  /** What was written last, so that an edit by hand is told from an older text of ours. */
  record: "/etc/millrace/installed.json",
  sysctl: "/etc/sysctl.d/90-millrace-appliance.conf",
  agentUnit: "/etc/systemd/system/millrace-appliance.service",
  firewallUnit: "/etc/systemd/system/millrace-firewall.service",
  agentWanted: "/etc/systemd/system/multi-user.target.wants/millrace-appliance.service",
  firewallWanted: "/etc/systemd/system/multi-user.target.wants/millrace-firewall.service",
  debianNginxWanted: "/etc/systemd/system/multi-user.target.wants/nginx.service",
} as const;

export const agentService = "millrace-appliance.service";
export const firewallService = "millrace-firewall.service";
export const debianNginxService = "nginx.service";

/** What an agent makes in its folder: all that `--purge` may delete there. */
export const agentFolders = ["v", "incoming", "quarantine", "state", "nginx"] as const;
