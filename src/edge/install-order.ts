// What `millrace appliance install` is asked for, and what is wrong with it before any machine is looked at.
import { type Bytes, bytes } from "#units/quantity.ts";
import { isQuotable, isUserName } from "./nginx-text.ts";

export interface InstallOrder {
  /** This appliance's id, as the control plane knows it. */
  readonly id: string;
  readonly controlUrl: string;
  readonly listen: Listen;
  /** Where nginx speaks TLS besides; undefined: nowhere. */
  readonly tls: TlsOrder | undefined;
  /** Address that viewers reach it at, when not http:// and the listening address. */
  readonly advertise: string | undefined;
  /** Where media, state and nginx's own files lie. */
  readonly dir: string;
  /** Undefined: nine tenths of the disk that `dir` is on, when that is a disk of its own. */
  readonly budget: Bytes | undefined;
  /** System user that agent and nginx run as. */
  readonly user: string;
  /** Folder that releases of Millrace are copied into. */
  readonly prefix: string;
  /** How long a stopping nginx may finish what it sends. */
  readonly stopGraceSeconds: number;
  readonly firewall: "enabled" | "only-written";
  /** Instead of those that are found and those that were open before; undefined: all of them. */
  readonly sshPorts: readonly number[] | undefined;
  /** Debian's own nginx.service, when it serves nothing but its welcome page. */
  readonly debianNginx: "switch-off" | "keep";
  /** "/" is this machine; anything else an image or a test. */
  readonly root: string;
  readonly edited: "keep" | "replace";
}

export interface Listen {
  readonly host: string;
  readonly port: number;
}

export interface TlsOrder {
  readonly listen: Listen;
  /** PEM files, absolute. */
  readonly certificate: string;
  readonly key: string;
}

/** Every port that viewers and peers come to. */
export function servedPorts({ listen, tls }: Pick<InstallOrder, "listen" | "tls">): readonly number[] {
  return tls === undefined ? [listen.port] : [listen.port, tls.listen.port];
}

/** As nginx and `--listen` take it. */
export function listenText({ host, port }: Listen): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** "900G", "4T" or plain bytes; powers of ten, as disks are sold. Undefined when it is no such text. */
export function readSize(text: string): Bytes | undefined {
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(text) ?? [];
  const size = Math.floor(Number(digits) * 1000 ** ["", "K", "M", "G", "T"].indexOf(unit));
  return digits !== "" && Number.isSafeInteger(size) && size > 0 ? bytes(size) : undefined;
}

/** Signs that mean nothing to systemd, nginx, nft or a shell. */
const pathPattern = /^(\/[A-Za-z0-9_][A-Za-z0-9._-]*)+$/;
/**
 * nginx's status socket lies in `<dir>/nginx/`. A longer name would move it to /tmp, of which each start of the unit
 * gets its own: the next agent would not find the nginx that goes on.
 */
const longestDir = 80;
const hiddenTrees = "/home /root /tmp /var/tmp /run /proc /sys /dev".split(" ");
/** Hidden from the unit, emptied by the system, or the system itself. */
const closedTrees = [...hiddenTrees, ..."/etc /usr /bin /sbin /lib /lib64 /boot".split(" ")];

/** Every complaint about the options, each with what was wanted and found. */
export function complaintsAboutOrder(order: InstallOrder): readonly string[] {
  const { dir, prefix, user, stopGraceSeconds } = order;
  return [
    ...urlComplaint("--control", order.controlUrl),
    ...(order.advertise === undefined ? [] : urlComplaint("--advertise", order.advertise)),
    ...(order.advertise === undefined && ["0.0.0.0", "::"].includes(order.listen.host)
      ? ["--advertise: wanted, since viewers cannot reach an appliance at “every address”"]
      : []),
    ...(order.tls === undefined ? [] : tlsComplaints(order.tls, order.listen)),
    ...pathComplaint("--dir", dir),
    ...(dir.length > longestDir
      ? [`--dir: wanted at most ${longestDir} signs, for the sockets in it; found ${dir.length}`]
      : []),
    ...pathComplaint("--prefix", prefix),
    ...(dir !== "" && (isWithin(dir, prefix) || isWithin(prefix, dir))
      ? ["--dir and --prefix: wanted two folders, neither inside the other"]
      : []),
    ...(isUserName(user) && user !== "root"
      ? []
      : [`--user: wanted a system user's name that is not root, found "${user}"`]),
    ...(Number.isInteger(stopGraceSeconds) && stopGraceSeconds >= 1 && stopGraceSeconds <= 600
      ? []
      : [`--stop-grace: wanted 1…600 s, found "${stopGraceSeconds}"`]),
  ];
}

/** Also asked before media are deleted: a record that was tampered with must not choose the folder. */
export function pathComplaint(option: string, path: string): readonly string[] {
  if (!pathPattern.test(path) || !isQuotable(path)) {
    return [`${option}: wanted an absolute path of letters, digits, ".", "_" and "-", found "${path}"`];
  }
  const closed = closedTrees.find((tree) => isWithin(path, tree));
  if (closed !== undefined) return [`${option}: wanted a folder outside ${closed}, found "${path}"`];
  return path.split("/").length < 3 ? [`${option}: wanted a folder below /srv, /var, /opt or the like`] : [];
}

function tlsComplaints({ listen, certificate, key }: TlsOrder, plain: Listen): readonly string[] {
  return [
    ...(listen.port > 0 ? [] : ["--tls-listen: wanted HOST:PORT, with --tls-certificate and --tls-key"]),
    ...(listen.port === plain.port
      ? [`--tls-listen: wanted another port than --listen has, found ${listen.port} twice`]
      : []),
    ...fileComplaint("--tls-certificate", certificate),
    ...fileComplaint("--tls-key", key),
  ];
}

function fileComplaint(option: string, path: string): readonly string[] {
  if (!pathPattern.test(path) || !isQuotable(path)) {
    return [`${option}: wanted a file's absolute path of letters, digits, ".", "_" and "-", found "${path}"`];
  }
  const hidden = hiddenTrees.find((tree) => isWithin(path, tree));
  return hidden === undefined ? [] : [`${option}: wanted a file outside ${hidden}, found "${path}"`];
}

function isWithin(path: string, tree: string): boolean {
  return path === tree || path.startsWith(`${tree}/`);
}

/** Wherever it is written (a unit, a command line) nobody has to quote it, and it holds no password. */
function urlComplaint(option: string, text: string): readonly string[] {
  const isPlain = /^https?:\/\/[A-Za-z0-9.:[\]_-]+(\/[A-Za-z0-9._~/-]*)?$/.test(text) && URL.canParse(text);
  return isPlain ? [] : [`${option}: wanted http://HOST:PORT or https://HOST, found "${text}"`];
}
