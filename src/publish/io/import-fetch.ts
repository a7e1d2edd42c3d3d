// Fetches one film over HTTP, or what is missing of it. The name is resolved once, every address of it is judged, and
// the connection goes to exactly the address that was judged: a name that changes its mind meanwhile changes nothing.
import { lookup } from "node:dns/promises";
import { createWriteStream } from "node:fs";
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { connect as tcpConnect } from "node:net";
import { type Duplex, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { connect as tlsConnect } from "node:tls";
import { type Begun, judgeAnswer, resumeHeaders } from "#publish/import-answer.ts";
import { chosenAddress, type ImportPolicy, type ImportTarget, readTarget } from "#publish/import-url.ts";
import { type PaceLimits, tooSlow } from "#publish/pace.ts";

/** How an import reaches the world. */
export interface ImportWorld {
  /** Every address of a host; an address itself answers with itself. */
  resolve(host: string): Promise<readonly string[]>;
  /** TCP to exactly this address. */
  connect(address: string, port: number): Duplex;
  monoMs(): number;
}

export const realWorld: ImportWorld = {
  resolve: async (host) => (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address),
  connect: (address, port) => tcpConnect({ host: address, port }),
  monoMs: () => performance.now(),
};

export interface FetchOrder {
  readonly target: ImportTarget;
  readonly policy: ImportPolicy;
  readonly redirects: number;
  readonly path: string;
  readonly begun: Begun | undefined;
  readonly pace: PaceLimits;
  /** By `monoMs`: when the import began, all its requests together. */
  readonly begunAtMs: number;
  readonly world: ImportWorld;
  readonly signal: AbortSignal;
  /** The server said what it will send. @throws Fault when there is no room for it */
  readonly onHead: (found: {
    readonly bytes: number;
    readonly validator: string | undefined;
  }) => Promise<void>;
}

export type FetchOutcome =
  | { readonly kind: "whole" }
  /** `bytes` came in this request before it was cut. */
  | { readonly kind: "cut"; readonly because: string; readonly bytes: number }
  | { readonly kind: "refused"; readonly because: string };

/** @throws Fault of `onHead`; an error of the disk; the signal's reason */
export async function fetchFilm(order: FetchOrder): Promise<FetchOutcome> {
  let { target } = order;
  for (let hops = 0; ; hops++) {
    const opened = await open(order, target);
    if (opened.kind !== "open") return opened;
    const { answer } = opened;
    const headers = Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
    );
    const verdict = judgeAnswer({ status: answer.statusCode ?? 0, headers }, order.begun);
    if (verdict.kind === "body") return receive(order, opened, verdict);
    opened.end();
    if (verdict.kind === "later") {
      return { kind: "cut", because: `its server answered with ${verdict.because}`, bytes: 0 };
    }
    if (verdict.kind === "refused") return verdict;
    if (hops >= order.redirects) {
      const more =
        order.redirects === 0 ? "none is followed" : `more than ${order.redirects} are not followed`;
      return { kind: "refused", because: `its server redirects, and ${more} (MILLRACE_IMPORT_REDIRECTS)` };
    }
    const to = URL.canParse(verdict.to, target.href) ? new URL(verdict.to, target.href).href : verdict.to;
    const reading = readTarget(to, order.policy);
    if (reading.kind === "refused")
      return { kind: "refused", because: `it redirects, and ${reading.because}` };
    target = reading.target;
  }
}

interface Opened {
  readonly kind: "open";
  readonly answer: IncomingMessage;
  readonly watch: Watch;
  end(): void;
}

async function open(order: FetchOrder, target: ImportTarget): Promise<Opened | FetchOutcome> {
  const { world, signal } = order;
  let addresses: readonly string[];
  try {
    addresses = await world.resolve(target.host);
  } catch (error) {
    return { kind: "cut", because: `its name was not resolved (${wordOf(error)})`, bytes: 0 };
  }
  signal.throwIfAborted();
  const chosen = chosenAddress(target.host, addresses);
  if (chosen.kind === "refused") return chosen;
  const request = requestTo(order, target, chosen.address);
  const watch = watchOver(order, request);
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request.once("response", resolve);
      request.on("error", reject);
      request.end();
    });
    const end = (): void => {
      watch.stop();
      request.destroy();
    };
    return { kind: "open", answer, watch, end };
  } catch (error) {
    watch.stop();
    signal.throwIfAborted();
    return { kind: "cut", because: watch.why() ?? wordOf(error), bytes: 0 };
  }
}

function requestTo(order: FetchOrder, target: ImportTarget, address: string): ClientRequest {
  const { scheme, host, port, path } = target;
  const name = host.includes(":") ? `[${host}]` : host;
  const isUsual = port === (scheme === "https" ? 443 : 80);
  const socket = order.world.connect(address, port);
  const isAddress = host === address;
  const stream =
    scheme === "http" ? socket : tlsConnect({ socket, host, ...(isAddress ? {} : { servername: host }) });
  // An error before anyone listens must not end this process; the request hears of it as well.
  socket.on("error", (error) => stream.destroy(error));
  return httpRequest({
    // With any agent, even `false`, Node would leave this out and connect by name.
    createConnection: () => stream,
    hostname: address,
    port,
    path,
    headers: {
      host: isUsual ? name : `${name}:${port}`,
      "accept-encoding": "identity",
      accept: "*/*",
      connection: "close",
      ...resumeHeaders(order.begun),
    },
  });
}

interface Watch {
  took(bytes: number): void;
  bytes(): number;
  stop(): void;
  /** Why the request was cut by us. */
  why(): string | undefined;
}

const paceWords = {
  idle: "its server said nothing for too long (MILLRACE_IMPORT_IDLE_SECONDS)",
  slow: "its server is too slow (MILLRACE_IMPORT_LEAST_KBPS)",
  long: "it took too long in all (MILLRACE_IMPORT_HOURS)",
} as const;

function watchOver({ world, pace, begunAtMs, signal }: FetchOrder, request: ClientRequest): Watch {
  const requestAt = world.monoMs();
  let [lastAt, bytes] = [requestAt, 0];
  let why: string | undefined;
  const look = (): void => {
    const now = world.monoMs();
    const times = {
      sinceRequestMs: now - requestAt,
      sinceByteMs: now - lastAt,
      sinceBeginMs: now - begunAtMs,
    };
    const trouble = tooSlow({ ...times, bytes }, pace);
    if (trouble === undefined) return;
    why ??= paceWords[trouble];
    request.destroy(new Error(why));
  };
  const timer = setInterval(look, Math.max(10, Math.min(1000, pace.idleMs / 4)));
  const onAbort = (): void => void request.destroy(new Error("stopped"));
  signal.addEventListener("abort", onAbort, { once: true });
  return {
    took(count) {
      bytes += count;
      lastAt = world.monoMs();
    },
    bytes: () => bytes,
    stop() {
      clearInterval(timer);
      signal.removeEventListener("abort", onAbort);
    },
    why: () => why,
  };
}

async function receive(
  order: FetchOrder,
  { answer, watch, end }: Opened,
  body: { readonly offset: number; readonly bytes: number; readonly validator: string | undefined },
): Promise<FetchOutcome> {
  const room = body.bytes - body.offset;
  let tooLong = false;
  const meter = new Transform({
    transform(chunk: Buffer, _coding, done) {
      watch.took(chunk.length);
      tooLong ||= watch.bytes() > room;
      if (tooLong) done(new Error("longer than it said"));
      else done(null, chunk);
    },
  });
  try {
    await order.onHead({ bytes: body.bytes, validator: body.validator });
    const start = body.offset === 0 ? { flags: "w" } : { flags: "r+", start: body.offset };
    const file = createWriteStream(order.path, { ...start, mode: 0o600 });
    let diskError: Error | undefined;
    file.on("error", (error) => {
      if ("syscall" in error) diskError = error;
    });
    await pipeline(answer, meter, file).catch((error: unknown) => {
      if (diskError !== undefined) throw diskError;
      if (!tooLong && !(error instanceof Error)) throw error;
    });
  } finally {
    end();
  }
  order.signal.throwIfAborted();
  if (tooLong) return { kind: "refused", because: "its server sent more than it said" };
  if (watch.bytes() === room) return { kind: "whole" };
  return { kind: "cut", because: watch.why() ?? "the connection was cut", bytes: watch.bytes() };
}

function wordOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
