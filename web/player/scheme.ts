// Our retrievals under Shaka's requests: registered as the scheme of http and https. Shaka's schemes are shared by all of
// its players on a page, so a request finds its player through what was noted about it.
import type { Retrieved } from "./retrieve.ts";
import type { SchemePlugin, Shaka, ShakaRequest } from "./shaka.ts";

export interface Reports {
  readonly signal: AbortSignal;
  readonly onHead: (headers: Record<string, string>) => void;
  readonly onBytes: (ms: number, bytes: number, remaining: number) => void;
}

/** How to get what a request is for. */
export type Getting = (reports: Reports) => Promise<Retrieved>;

const gettings = new WeakMap<ShakaRequest, Getting>();

export function obtainBy(request: ShakaRequest, getting: Getting): void {
  gettings.set(request, getting);
}

let registered: Shaka | undefined;

export function registerTransfers(shaka: Shaka): void {
  if (registered === shaka) return;
  registered = shaka;
  const engine = shaka.net.NetworkingEngine;
  const plugin: SchemePlugin = (url, request, type, onProgress, onHead, config) => {
    const getting = gettings.get(request);
    if (getting === undefined) {
      return shaka.net.HttpFetchPlugin.parse(url, request, type, onProgress, onHead, config);
    }
    const stop = new AbortController();
    const running = answer(
      shaka,
      url,
      request,
      getting({ signal: stop.signal, onHead, onBytes: onProgress }),
    );
    return new shaka.util.AbortableOperation(running, () => {
      stop.abort();
      return Promise.resolve();
    });
  };
  for (const scheme of ["http", "https"]) {
    engine.registerScheme(scheme, plugin, engine.PluginPriority.APPLICATION, true);
  }
}

async function answer(shaka: Shaka, url: string, request: ShakaRequest, getting: Promise<Retrieved>) {
  const done = await getting;
  if (done.kind === "served") {
    const { data, body } = done;
    const [status, headers, uri] = [body?.status ?? 200, body?.headers ?? {}, body?.url || done.url || url];
    return { uri, originalUri: url, data, status, headers, fromCache: false, originalRequest: request };
  }
  const { Error: ShakaError } = shaka.util;
  const { OPERATION_ABORTED, HTTP_ERROR } = ShakaError.Code;
  const code = done.kind === "stopped" ? OPERATION_ABORTED : HTTP_ERROR;
  // Critical: every source was asked already, and whatever else could be tried.
  throw new ShakaError(ShakaError.Severity.CRITICAL, ShakaError.Category.NETWORK, code, url, done.kind);
}
