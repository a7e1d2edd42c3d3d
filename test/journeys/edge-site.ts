// One appliance beside an origin and a control plane of forty lines: where the agent's journeys begin.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultsOf } from "#config/setting.ts";
import type { NginxHandle } from "#edge/io/nginx.ts";
import { ownProcesses } from "#edge/io/nginx-process.ts";
import { startOrigin } from "#edge/io/origin.ts";
import { edgeSettings } from "#edge/settings.ts";
import type { DesiredState } from "#wire/appliance.ts";
import {
  atEnd,
  type Bundle,
  FakeControl,
  freeListen,
  k1,
  type Scope,
  sha256,
  tempFolder,
  tools,
} from "./edge-rig.ts";

export interface Site {
  readonly folder: string;
  readonly dir: string;
  readonly listen: string;
  readonly origin: NginxHandle;
  /** Starts it again after it was stopped. */
  openOrigin(): Promise<NginxHandle>;
  readonly originUrl: string;
  readonly control: FakeControl;
}

export async function site(t: Scope): Promise<Site> {
  const folder = tempFolder(t);
  const listen = await freeListen();
  const originListen = await freeListen();
  const openOrigin = (): Promise<NginxHandle> =>
    startOrigin({
      tools,
      folder: join(folder, "store"),
      prefixDir: join(folder, "origin-nginx"),
      listen: originListen,
      keys: [k1],
      settings: { ...defaultsOf(edgeSettings), workers: 1, stopGraceMs: 500 },
      signal: new AbortController().signal,
      onEvent: () => undefined,
    });
  const origin = await openOrigin();
  atEnd(t, () => origin.stop());
  const control = await new FakeControl(t).open();
  return {
    folder,
    dir: join(folder, "box"),
    listen,
    origin,
    openOrigin,
    originUrl: `http://${originListen}`,
    control,
  };
}

export function plan(epoch: number, files: readonly Bundle[], ...sources: Bundle["sources"]): DesiredState {
  return { epoch, files: files.map((bundle) => ({ ...bundle, sources })), keys: [k1] };
}

export const origin = (url: string): Bundle["sources"][number] => ({
  sourceId: "origin",
  kind: "origin",
  baseUrl: url,
});
export const peer = (url: string): Bundle["sources"][number] => ({
  sourceId: "peer",
  kind: "peer",
  baseUrl: url,
});

export function held(dir: string, title: string, path: string): string {
  return sha256(readFileSync(join(dir, "v", title, path)));
}

/** Pids of a box's nginx, by kind. */
export async function pidsOf(dir: string, kind: "master" | "worker"): Promise<readonly number[]> {
  const own = await ownProcesses(join(dir, "nginx"));
  return own.filter((process) => process.kind === kind).map(({ pid }) => pid);
}
