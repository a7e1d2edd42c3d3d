// One nginx under its supervisor, without an agent: where the journeys of nginx itself begin.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Values } from "#config/setting.ts";
import { defaultsOf } from "#config/setting.ts";
import {
  type NginxEvent,
  type NginxHandle,
  type NginxOrder,
  type ServeState,
  superviseNginx,
} from "#edge/io/nginx.ts";
import { serveState } from "#edge/io/origin.ts";
import { edgeSettings } from "#edge/settings.ts";
import type { SigningKey } from "#io/signed-path.ts";
import { atEnd, freeListen, k1, type Scope, tempFolder, tools } from "./edge-rig.ts";

export type Settings = Values<typeof edgeSettings>;

/** Two workers, and a second for what is being sent at the end. */
export const settings: Settings = { ...defaultsOf(edgeSettings), workers: 2, stopGraceMs: 1000 };

export interface Box {
  readonly folder: string;
  readonly prefix: string;
  readonly listen: string;
  readonly nginx: NginxHandle;
  readonly events: NginxEvent[];
  /** What it serves when these keys sign. */
  state(keys: readonly SigningKey[]): ServeState;
}

export interface BoxOrder {
  readonly settings?: Partial<Settings>;
  readonly supervisor?: Partial<NginxOrder>;
  /** What is served besides. */
  readonly more?: (prefix: string) => Partial<ServeState>;
  /** Done in its folder before nginx begins. */
  readonly before?: (folder: string) => void;
}

export async function openBox(t: Scope, order: BoxOrder = {}): Promise<Box> {
  const folder = tempFolder(t);
  const listen = await freeListen();
  const prefix = join(folder, "nginx");
  const events: NginxEvent[] = [];
  mkdirSync(join(folder, "v"));
  order.before?.(folder);
  const mine = { ...settings, ...order.settings };
  const state = (keys: readonly SigningKey[]): ServeState => ({
    ...serveState(folder, listen, keys, mine),
    ...order.more?.(prefix),
  });
  const nginx = await superviseNginx({
    nginx: tools.nginx?.path,
    modulesFolder: tools.nginxSetMisc,
    prefixDir: prefix,
    state: state([k1]),
    stopGraceMs: mine.stopGraceMs,
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
    ...order.supervisor,
  });
  atEnd(t, () => nginx.stop());
  return { folder, prefix, listen, nginx, events, state };
}
