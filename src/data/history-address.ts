// Where history lies when it does not lie in the database, read from one address.
import { dataFaults } from "#data/faults.ts";
import { Fault } from "#units/fault.ts";

export interface CassandraAddress {
  /** "host:port", all of one data centre. */
  readonly contactPoints: readonly string[];
  readonly keyspace: string;
  readonly dataCentre: string;
  /** Copies in the data centre. */
  readonly replication: number;
  readonly login: { readonly user: string; readonly password: string } | undefined;
  readonly tls: boolean;
  /** Hosts and keyspace: never with a password. */
  readonly shown: string;
}

const defaultPort = 9042;
/** More copies than hosts could not be written to. Three are what a quorum needs to bear the loss of one. */
const mostCopies = 3;

/** @throws Fault history-url, which never shows what was found: it may hold a password */
export function readHistoryUrl(url: string): CassandraAddress {
  const refused = (reason: string): Fault => new Fault(dataFaults.historyUrl, { reason });
  const parts = /^cassandra:\/\/(?:([^@/]*)@)?([^@/?#]+)\/([^/?#]*)(?:\?([^#]*))?$/.exec(url);
  if (parts === null) throw refused("it does not read as one");
  const [, login, hosts = "", keyspace = "", query = ""] = parts;
  const contactPoints = hosts
    .split(",")
    .map((host) => (/:\d+$/.test(host) ? host : `${host}:${defaultPort}`));
  if (!contactPoints.every((host) => /^[\w.-]+:\d{1,5}$/.test(host)))
    throw refused("a host does not read as one");
  if (!/^[a-z][a-z0-9_]{0,47}$/.test(keyspace)) {
    throw refused(
      "its keyspace is to begin with a small letter, and to have small letters, digits and _ only",
    );
  }
  const given = new URLSearchParams(query);
  const unknown = [...given.keys()].filter((name) => !["dc", "replication", "tls"].includes(name));
  if (unknown.length > 0) throw refused(`it has settings that mean nothing here: ${unknown.join(", ")}`);
  const dataCentre = given.get("dc") ?? "datacenter1";
  if (!/^[\w.-]{1,64}$/.test(dataCentre)) throw refused("dc is no name of a data centre");
  const replication = Number(given.get("replication") ?? Math.min(contactPoints.length, mostCopies));
  if (!Number.isInteger(replication) || replication < 1 || replication > 99) {
    throw refused("replication is a number of copies, from 1 on");
  }
  return {
    contactPoints,
    keyspace,
    dataCentre,
    replication,
    login: login === undefined ? undefined : loginOf(login, refused),
    tls: given.get("tls") === "true",
    shown: `${contactPoints.join(",")}/${keyspace}`,
  };
}

function loginOf(text: string, refused: (reason: string) => Fault): CassandraAddress["login"] {
  try {
    const [user = "", ...rest] = text.split(":").map(decodeURIComponent);
    return { user, password: rest.join(":") };
  } catch {
    throw refused("user and password are to be written with % like in any address");
  }
}
