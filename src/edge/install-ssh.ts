// Where this machine's ssh listens: every sign of it counts, since a firewall without that port locks the operator out.

/** Texts of the machine in which a port of ssh may stand. */
export interface SshSigns {
  /** sshd_config and all that it includes. Source: sshd_config(5). */
  readonly configurations: readonly string[];
  /** What `sshd -T` prints; empty where it could not be asked. Source: sshd(8). */
  readonly effective: string;
  /** Units of a socket that systemd listens at for ssh, with their drop-ins. Source: systemd.socket(5). */
  readonly sockets: readonly string[];
  /** Command lines: of running servers, of their units, of /etc/default/ssh. */
  readonly commands: readonly string[];
  /** Ports at which a server of ssh listens now. */
  readonly listening: readonly number[];
  /** "CLIENT PORT SERVER PORT" of the session that this runs in; empty without one. Source: ssh(1), SSH_CONNECTION. */
  readonly connection: string;
}

const keyword = String.raw`(?:[ \t]+|[ \t]*=[ \t]*)"?`;
const address = String.raw`(?:\[[^\]\s]*\]|[^\s:"]*)`;
const wordEnd = String.raw`(?=["\s]|$)`;
const portLine = new RegExp(`^[ \\t]*Port${keyword}(\\d+)${wordEnd}`, "gim");
const addressLine = new RegExp(`^[ \\t]*ListenAddress${keyword}${address}:(\\d+)${wordEnd}`, "gim");
const streamLine = /^[ \t]*ListenStream[ \t]*=[ \t]*(?:\S*:)?(\d+)[ \t]*$/gm;
const portOption = /(?:^|[\s"'=])-p[ \t]*(\d+)(?=["'\s]|$)/gm;
const longOption = /-o[ \t]*["']?(?:Port|ListenAddress[ =]\S*:)[ =]*(\d+)/gi;

/** 22 always, and every port that any sign names. Sorted. */
export function sshPortsOf(signs: SshSigns): readonly number[] {
  const session = signs.connection.split(" ")[3];
  return portSet([
    22,
    ...[signs.effective, ...signs.configurations].flatMap((text) => [
      ...numbers(text, portLine),
      ...numbers(text, addressLine),
    ]),
    ...signs.sockets.flatMap((text) => numbers(text, streamLine)),
    ...signs.commands.flatMap((text) => [...numbers(text, portOption), ...numbers(text, longOption)]),
    ...signs.listening,
    ...(session === undefined ? [] : [Number(session)]),
  ]);
}

/** Sorted, each once, and none that is no port. */
export function portSet(ports: readonly number[]): readonly number[] {
  const valid = ports.filter((port) => Number.isInteger(port) && port > 0 && port < 65_536);
  return [...new Set(valid)].sort((a, b) => a - b);
}

/** What a configuration includes, as patterns; relative ones are below /etc/ssh. */
export function includesOf(configuration: string): readonly string[] {
  const lines = [...configuration.matchAll(new RegExp(`^[ \\t]*Include${keyword}(.*)$`, "gim"))];
  return lines
    .flatMap(([, words = ""]) => words.replace(/(^|\s)#.*$/, "").split(/[\s"]+/))
    .filter((word) => word !== "")
    .map((word) => (word.startsWith("/") ? word : `/etc/ssh/${word}`));
}

/** "22,2222"; undefined when it is no such list. */
export function readPorts(text: string): readonly number[] | undefined {
  const words = text.split(",").map((word) => word.trim());
  const ports = portSet(words.map((word) => (/^\d{1,5}$/.test(word) ? Number(word) : 0)));
  return ports.length === new Set(words).size ? ports : undefined;
}

/** Ports of ssh in a ruleset that an installation wrote before it remembered them by themselves. */
export function sshPortsInRuleset(ruleset: string): readonly number[] {
  const list = /^\s*# ssh first:.*\n\s*tcp dport \{ ([\d, ]+) \} accept$/m.exec(ruleset)?.[1];
  return list === undefined ? [] : (readPorts(list) ?? []);
}

function numbers(text: string, pattern: RegExp): readonly number[] {
  return [...text.matchAll(pattern)].map(([, port]) => Number(port));
}
