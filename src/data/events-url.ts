// Where events go: MILLRACE_EVENTS_URL, "kafka://host:9092,host:9092/prefix".

export interface KafkaAddress {
  /** "host:9092" */
  readonly brokers: readonly string[];
  readonly prefix: string;
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

/** The user's secret cannot be in it: what looks like one is refused, without its text. */
export function readEventsUrl(text: string): EventsAddress {
  if (text === "") return { kind: "own-log" };
  if (!text.startsWith(scheme)) return refused("it does not begin with kafka://");
  if (text.includes("@")) return refused("user names and passwords are not supported in it");
  const [list = "", prefix = defaultPrefix, ...more] = text.slice(scheme.length).split("/");
  if (more.length > 0) return refused("it has more than one / after the brokers");
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
  return { kind: "kafka", address: { brokers, prefix: named } };
}

function refused(because: string): EventsAddress {
  return { kind: "refused", because };
}
