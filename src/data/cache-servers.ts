// Where a cache is, and which two of its servers hold a key: rendezvous hashing, so that a server that comes or goes moves
// only what it gains or held. Source: D. Thaler and C. Ravishankar, "Using name-based mappings to increase hit rates" (1998).
import { hash64, pairInterval } from "#units/hash.ts";

export interface CacheServer {
  readonly host: string;
  readonly port: number;
}

export type CachePlace =
  | { readonly kind: "memory" }
  | {
      readonly kind: "memcached";
      readonly servers: readonly CacheServer[];
      /** Installations that share servers tell their keys apart by it. */
      readonly namespace: string;
    }
  | { readonly kind: "refused"; readonly because: string };

const defaultPort = 11_211;
const mostServers = 100;
const server = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i;
const refused = (because: string): CachePlace => ({ kind: "refused", because });

/** Reads MILLRACE_CACHE_URL. */
export function cachePlaceOf(url: string): CachePlace {
  if (url === "memory:") return { kind: "memory" };
  const scheme = "memcached://";
  if (!url.startsWith(scheme)) return refused("it begins with neither memory: nor memcached://");
  const [list = "", namespace = "millrace", ...more] = url.slice(scheme.length).split("/");
  if (more.length > 0 || !/^[A-Za-z0-9_-]{1,32}$/.test(namespace)) {
    return refused("after the servers comes one name of up to 32 letters, digits, - and _, or nothing");
  }
  const servers: CacheServer[] = [];
  for (const text of list.split(",")) {
    const [, host, port] = server.exec(text) ?? [];
    const number = Number(port ?? defaultPort);
    if (host === undefined || number < 1 || number > 65_535) return refused(`"${text}" is no HOST:PORT`);
    servers.push({ host: host.replace(/^\[|\]$/g, ""), port: number });
  }
  const names = new Set(servers.map(nameOf));
  if (names.size < servers.length) return refused("it names a server twice");
  if (servers.length > mostServers) return refused(`it names more than ${mostServers} servers`);
  return { kind: "memcached", servers, namespace };
}

export const nameOf = ({ host, port }: CacheServer): string => `${host}:${port}`;

/** For a key, the places of its first and its second server in the list; the same one twice when there is one. */
export function replicasAmong(
  servers: readonly CacheServer[],
): (key: string) => readonly [first: number, second: number] {
  const hashes = servers.map((one) => hash64(nameOf(one)));
  return (key) => {
    const hash = hash64(key);
    let first = 0;
    let second = 0;
    let most = -1;
    let next = -1;
    for (let place = 0; place < hashes.length; place++) {
      const draw = pairInterval(hash, hashes[place] ?? hash);
      if (draw > most) {
        second = first;
        next = most;
        first = place;
        most = draw;
      } else if (draw > next) {
        second = place;
        next = draw;
      }
    }
    return [first, second];
  };
}
