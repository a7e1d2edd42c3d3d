// Our transfers under Shaka's requests: registered as the scheme of http and https. Shaka's schemes are shared by all of
// its players on a page, so a request finds its player through what was noted about it.
import type { Source } from "#play/failover.ts";
import type { SchemePlugin, Shaka, ShakaRequest } from "./shaka.ts";
import { type Transfer, transfer } from "./transfer.ts";

/** A dead appliance is left after this long. */
const connectMs = 2000;
const stallMs = 4000;
/** Shaka is told of progress about this often. */
const progressMs = 100;

/** What a request is for. */
export interface Ask {
  /** In the order of the request's addresses. */
  readonly sources: readonly Source[];
  readonly media: "video" | "audio" | "manifest" | "init";
  readonly rendition: string;
  readonly height: number;
  readonly kbps: number;
  readonly segment: number;
  readonly expectedBytes: number | undefined;
  /** Bytes of all transfers of this player so far. */
  readonly counter: { bytes: number };
  /** Told at the end of each attempt. `meanwhileBytes`: of all transfers since this one's first byte. */
  readonly tell: (ask: Ask, attempt: Attempt, meanwhileBytes: number) => void;
}

export interface Attempt {
  readonly sourceId: string;
  readonly url: string;
  readonly done: Transfer;
}

/** Kept beside the request object, which stays the same over its retries. */
const asks = new WeakMap<ShakaRequest, Ask>();

/** Gives a request the addresses of its sources: Shaka's retry walks through them. */
export function address(request: ShakaRequest, ask: Ask, rest: string): void {
  if (ask.sources.length === 0) return;
  request.uris = ask.sources.map((source) => source.baseUrl + rest);
  asks.set(request, ask);
}

let registered: Shaka | undefined;

export function registerTransfers(shaka: Shaka): void {
  if (registered === shaka) return;
  registered = shaka;
  const engine = shaka.net.NetworkingEngine;
  const plugin: SchemePlugin = (url, request, type, onProgress, onHead, config) => {
    const ask = asks.get(request);
    if (ask === undefined) {
      return shaka.net.HttpFetchPlugin.parse(url, request, type, onProgress, onHead, config);
    }
    const stop = new AbortController();
    const running = attempt({ shaka, ask, url, request, signal: stop.signal, onProgress, onHead });
    return new shaka.util.AbortableOperation(running, () => {
      stop.abort();
      return Promise.resolve();
    });
  };
  for (const scheme of ["http", "https"]) {
    engine.registerScheme(scheme, plugin, engine.PluginPriority.APPLICATION, true);
  }
}

interface AttemptOrder {
  readonly shaka: Shaka;
  readonly ask: Ask;
  readonly url: string;
  readonly request: ShakaRequest;
  readonly signal: AbortSignal;
  readonly onProgress: Parameters<SchemePlugin>[3];
  readonly onHead: Parameters<SchemePlugin>[4];
}

async function attempt({ shaka, ask, url, request, signal, onProgress, onHead }: AttemptOrder) {
  const { counter } = ask;
  let bytesBefore = counter.bytes;
  let [pending, lastMs] = [0, performance.now()];
  const done = await transfer({
    url,
    connectMs,
    stallMs,
    expectedBytes: ask.expectedBytes,
    signal,
    onHead: (headers) => {
      bytesBefore = counter.bytes;
      onHead(headers);
    },
    onBytes: (bytes, remaining) => {
      counter.bytes += bytes;
      pending += bytes;
      const nowMs = performance.now();
      if (remaining > 0 && nowMs - lastMs < progressMs) return;
      onProgress(nowMs - lastMs, pending, remaining);
      [pending, lastMs] = [0, nowMs];
    },
  });
  const sourceId = ask.sources[request.attempt % ask.sources.length]?.sourceId ?? "";
  ask.tell(ask, { sourceId, url, done }, counter.bytes - bytesBefore);
  if (done.kind === "served") {
    const { data, status, headers } = done;
    const uri = done.url || url;
    return { uri, originalUri: url, data, status, headers, fromCache: false, originalRequest: request };
  }
  const { Error: ShakaError } = shaka.util;
  const code = done.kind === "stopped" ? ShakaError.Code.OPERATION_ABORTED : ShakaError.Code.HTTP_ERROR;
  const because = done.kind === "stopped" ? "stopped" : done.because;
  // Recoverable whatever the status: another appliance may hold what this one refuses.
  throw new ShakaError(ShakaError.Severity.RECOVERABLE, ShakaError.Category.NETWORK, code, url, because);
}
