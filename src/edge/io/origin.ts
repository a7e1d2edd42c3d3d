// The origin: the same nginx with the same check of signed paths, over the store that holds every title. It fills nothing.
import { mkdir, realpath } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { Values } from "#config/setting.ts";
import { defaultsOf } from "#config/setting.ts";
import { edgeSettings } from "#edge/settings.ts";
import { systemClock } from "#io/clock.ts";
import type { Tools } from "#io/tools.ts";
import type { Denial } from "#model/denial.ts";
import { bytesPerSecond, milliseconds } from "#units/quantity.ts";
import { keepLogsBounded } from "./log-bound.ts";
import {
  type NginxEvent,
  type NginxHandle,
  type ServeState,
  type SigningKey,
  superviseNginx,
} from "./nginx.ts";
import { tellServed } from "./served.ts";

export interface OriginOrder {
  readonly tools: Pick<Tools, "nginx" | "nginxSetMisc">;
  /** The store: holds `v/<title>/…`. */
  readonly folder: string;
  /** nginx's own folder, outside the store. */
  readonly prefixDir: string;
  /** "127.0.1.1:8180". */
  readonly listen: string;
  readonly keys: readonly SigningKey[];
  readonly settings?: Values<typeof edgeSettings>;
  readonly signal: AbortSignal;
  readonly onEvent: (event: NginxEvent) => void;
  /** Between two looks at its logs, in ms; absent: 2 s. */
  readonly logEveryMs?: number;
  /** Told what sessions were sent, until it resolves; absent: nobody asks. */
  readonly onServed?: Parameters<typeof tellServed>[0]["tell"];
}

const logEveryMs = 2000;

/** Serves the store. To change its keys: `apply(serveState(…))` with the others unchanged. */
export async function startOrigin(order: OriginOrder): Promise<NginxHandle> {
  const settings = order.settings ?? defaultsOf(edgeSettings);
  await mkdir(order.folder, { recursive: true });
  const over = new AbortController();
  const nginx = await superviseNginx({
    nginx: order.tools.nginx?.path,
    modulesFolder: order.tools.nginxSetMisc,
    prefixDir: order.prefixDir,
    state: serveState(await realpath(order.folder), order.listen, order.keys, settings),
    stopGraceMs: settings.stopGraceMs,
    hangMs: settings.hangMs,
    stuckMs: settings.stuckMs,
    signal: order.signal,
    onEvent: (event) => {
      if (event.kind === "stopped" || event.kind === "left") over.abort();
      order.onEvent(event);
    },
  });
  const { logBytes } = settings;
  const looking = {
    ...{ nginx, logBytes, everyMs: order.logEveryMs ?? logEveryMs },
    signal: AbortSignal.any([over.signal, order.signal]),
  };
  const { onServed } = order;
  if (onServed === undefined) void keepLogsBounded(looking);
  else void tellServed({ ...looking, clock: systemClock, tell: onServed });
  return nginx;
}

/** What the origin refuses from now on. Entries that are over forbid nothing, and go with the next change. */
export async function denyAtOrigin(
  origin: NginxHandle,
  order: Pick<OriginOrder, "folder" | "listen" | "keys" | "settings">,
  denied: readonly Denial[],
): Promise<void> {
  const settings = order.settings ?? defaultsOf(edgeSettings);
  const state = serveState(await realpath(order.folder), order.listen, order.keys, settings);
  await origin.apply({ ...state, denied });
}

/** What nginx serves, from an appliance's (or the origin's) settings. */
export function serveState(
  folder: string,
  listen: string,
  keys: readonly SigningKey[],
  settings: Values<typeof edgeSettings>,
): ServeState {
  return {
    listen,
    folder,
    keys,
    workers: settings.workers === 0 ? availableParallelism() : settings.workers,
    connections: settings.connections,
    threads: settings.diskThreads,
    headerTimeout: milliseconds(settings.headerTimeoutMs),
    perAddress: settings.perAddress,
    pace: bytesPerSecond(settings.paceBps / 8),
    user: settings.nginxUser === "" ? undefined : settings.nginxUser,
  };
}
