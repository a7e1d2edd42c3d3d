// Where an import may be fetched from. Source: OWASP's advice on server-side request forgery; research, control-telemetry §8.2.
import { refusedUse } from "./ip-address.ts";

export interface ImportPolicy {
  /** "films.example.org", or ".example.org" for every host under it; empty: imports are off. */
  readonly hosts: readonly string[];
  readonly schemes: "https" | "http-and-https";
  readonly ports: readonly number[];
}

export interface ImportTarget {
  readonly scheme: "http" | "https";
  /** As WHATWG URL writes it: lower case, punycode; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path and query, as they go into the request line. */
  readonly path: string;
  /** The whole address, for a record; without a fragment. */
  readonly href: string;
}

export type TargetReading =
  | { readonly kind: "target"; readonly target: ImportTarget }
  | { readonly kind: "refused"; readonly because: string };

const longest = 2048;

export function readTarget(text: string, policy: ImportPolicy): TargetReading {
  const refuse = (because: string): TargetReading => ({ kind: "refused", because });
  if (policy.hosts.length === 0) return refuse("imports are off: MILLRACE_IMPORT_HOSTS names no host");
  if (text.length > longest) return refuse(`it is longer than ${longest} characters`);
  if (!URL.canParse(text)) return refuse("it is not an address such as https://films.example.org/film.mov");
  const url = new URL(text);
  const scheme = schemeOf(url.protocol, policy);
  if (scheme === undefined)
    return refuse(`its scheme is ${url.protocol.slice(0, 20)}, wanted ${wanted(policy)}`);
  if (url.username !== "" || url.password !== "") return refuse("it holds a name or a password");
  const port = url.port === "" ? (scheme === "https" ? 443 : 80) : Number(url.port);
  if (!policy.ports.includes(port)) {
    return refuse(`port ${port} is not among MILLRACE_IMPORT_PORTS (${policy.ports.join(", ")})`);
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
  if (!policy.hosts.some((allowed) => matches(host, allowed))) {
    return refuse(`host ${host} is not among MILLRACE_IMPORT_HOSTS`);
  }
  url.hash = "";
  return {
    kind: "target",
    target: { scheme, host, port, path: `${url.pathname}${url.search}`, href: url.href },
  };
}

/**
 * The one address to connect to. A name that has a refused address among others is refused as a whole: it was made to
 * get in here, or its owner does not know what it says.
 */
export function chosenAddress(
  host: string,
  addresses: readonly string[],
):
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "refused"; readonly because: string } {
  const [first] = addresses;
  if (first === undefined) return { kind: "refused", because: `${host} has no address` };
  for (const address of addresses) {
    const use = refusedUse(address);
    if (use !== undefined) {
      return { kind: "refused", because: `${host} is at ${address.slice(0, 60)}, which is ${use}` };
    }
  }
  return { kind: "address", address: first };
}

function schemeOf(protocol: string, { schemes }: ImportPolicy): ImportTarget["scheme"] | undefined {
  if (protocol === "https:") return "https";
  return protocol === "http:" && schemes === "http-and-https" ? "http" : undefined;
}

function wanted({ schemes }: ImportPolicy): string {
  return schemes === "https" ? "https (MILLRACE_IMPORT_SCHEMES)" : "http or https";
}

function matches(host: string, allowed: string): boolean {
  return allowed.startsWith(".") ? host.endsWith(allowed) && host.length > allowed.length : host === allowed;
}

/** "films.example.org, .archive.example.org" */
export function readHosts(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== "");
}

/** "443, 8443"; what is no port is left out. */
export function readPorts(text: string): readonly number[] {
  return readHosts(text)
    .map(Number)
    .filter((port) => Number.isInteger(port) && port > 0 && port < 65_536);
}
