// Reads what nginx's access log says about load: the lines that src/edge/nginx-config.ts makes it write.

export interface Tally {
  readonly requests: number;
  readonly bytes: number;
  /** Answers a player stumbles over: 5xx, and 404 for what is not held. */
  readonly errors: number;
  /** Connections over TLS that asked for something: told by their first request. */
  readonly tlsConnections: number;
}

export const nothing: Tally = { requests: 0, bytes: 0, errors: 0, tlsConnections: 0 };

/** Sum of whole lines. A line that is none of ours counts for nothing. */
export function tally(lines: string): Tally {
  let requests = 0;
  let bytes = 0;
  let errors = 0;
  for (const [, status = "", sent = ""] of lines.matchAll(/^\{"time":.*?"status":(\d{3}),"bytes":(\d+),/gm)) {
    requests += 1;
    bytes += Number(sent);
    if (status.startsWith("5") || status === "404") errors += 1;
  }
  const tlsConnections = [...lines.matchAll(firstOverTls)].length;
  return { requests, bytes, errors, tlsConnections };
}

const firstOverTls = /^\{"time":.*?"tls":"TLSv1(?:\.\d)?","turn":"1",/gm;

export function plus(a: Tally, b: Tally): Tally {
  return {
    requests: a.requests + b.requests,
    bytes: a.bytes + b.bytes,
    errors: a.errors + b.errors,
    tlsConnections: a.tlsConnections + b.tlsConnections,
  };
}

/** Errors among the requests that came between; 0 without requests. */
export function shareOfErrors(before: Tally, after: Tally): number {
  const requests = after.requests - before.requests;
  return requests > 0 ? (after.errors - before.errors) / requests : 0;
}
