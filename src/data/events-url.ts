// Where events go: MILLRACE_EVENTS_URL, "kafka://user:password@host:9093,host:9093/prefix?tls=true&sasl=scram-sha-512".

export interface KafkaAddress {
  /** "host:9092" */
  readonly brokers: readonly string[];
  readonly prefix: string;
  readonly tls: boolean;
  /** Never shown. */
  readonly login: KafkaLogin | undefined;
}

export interface KafkaLogin {
  /** As Kafka calls it. Source: RFC 4616, RFC 5802, RFC 7677. */
  readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
  readonly username: string;
  readonly password: string;
}

export type EventsAddress =
  | { readonly kind: "own-log" }
  | { readonly kind: "kafka"; readonly address: KafkaAddress }
  | { readonly kind: "refused"; readonly because: string };

const scheme = "kafka://";
const defaultPort = 9092;
const defaultPrefix = "millrace";
/** Kafka's topic names are up to 249 of these characters. Source: org.apache.kafka.common.internals.Topic. */
const prefixes = /^[a-zA-Z0-9._-]{1,200}$/;
const hosts = /^([a-zA-Z0-9._-]+|\[[0-9a-fA-F:]+\])(?::(\d{1,5}))?$/;

const mechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const;

/** What is refused is told without the address's text where that may hold a password. */
export function readEventsUrl(text: string): EventsAddress {
  if (text === "") return { kind: "own-log" };
  if (!text.startsWith(scheme)) return refused("it does not begin with kafka://");
  const parts = /^(?:([^@]*)@)?([^@/?]*)(?:\/([^@/?]*))?(?:\?([^@?]*))?$/.exec(text.slice(scheme.length));
  if (parts === null) {
    const hasSecret = text.includes("@");
    return refused(
      hasSecret
        ? "it does not read as one; in names and passwords, @ is %40, / is %2F, ? is %3F"
        : "it has more than one / after the brokers",
    );
  }
  const [, user, list = "", prefix = "", query = ""] = parts;
  const named = prefix === "" ? defaultPrefix : prefix;
  if (!prefixes.test(named) || /^\.+$/.test(named)) return refused(`"${named}" cannot begin a topic's name`);
  const brokers: string[] = [];
  for (const host of list.split(",")) {
    const [, name, port = `${defaultPort}`] = hosts.exec(host) ?? [];
    if (name === undefined || Number(port) < 1 || Number(port) > 65_535) {
      return refused(`"${host}" is not a HOST:PORT`);
    }
    brokers.push(`${name}:${port}`);
  }
  const security = securityOf(user, new URLSearchParams(query));
  if (typeof security === "string") return refused(security);
  if (security.tls && brokers.some(isAddress) && !brokers.every(isAddress)) {
    return refused("over TLS brokers are all names or all addresses: only names are told which one is meant");
  }
  return { kind: "kafka", address: { brokers, prefix: named, ...security } };
}

/** Of "host:9092": a number and no name. A name's last part is never digits alone. Source: WHATWG URL §3.5. */
export function isAddress(broker: string): boolean {
  return broker.startsWith("[") || /(^|\.)\d+:\d+$/.test(broker);
}

/** A text says what is wrong with it. */
function securityOf(
  user: string | undefined,
  given: URLSearchParams,
): Pick<KafkaAddress, "tls" | "login"> | string {
  const unknown = [...given.keys()].filter((name) => !["tls", "sasl"].includes(name));
  if (unknown.length > 0) return `it has settings that mean nothing here: ${unknown.join(", ")}`;
  const [tlsText = "false", sasl] = [given.get("tls") ?? "false", given.get("sasl")?.toUpperCase()];
  if (!["true", "false"].includes(tlsText)) return "tls is true or false";
  const tls = tlsText === "true";
  if (user === undefined) return sasl === undefined ? { tls, login: undefined } : "sasl wants USER:PASSWORD@";
  const mechanism = mechanisms.find((name) => name === (sasl ?? "PLAIN"));
  if (mechanism === undefined) return "sasl is plain, scram-sha-256 or scram-sha-512";
  if (mechanism === "PLAIN" && !tls) return "a password goes in the clear without tls=true";
  const login = loginOf(user);
  return login === undefined
    ? "before the @ there is USER:PASSWORD, percent-encoded"
    : { tls, login: { mechanism, ...login } };
}

function loginOf(text: string): Omit<KafkaLogin, "mechanism"> | undefined {
  try {
    const [username = "", ...rest] = text.split(":").map(decodeURIComponent);
    const password = rest.join(":");
    return username === "" || password === "" ? undefined : { username, password };
  } catch {
    return undefined;
  }
}

function refused(because: string): EventsAddress {
  return { kind: "refused", because };
}
