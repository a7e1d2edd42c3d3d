// One real appliance with viewers, to meet faults: an agent, its nginx, an origin, and a control plane of forty lines.
import { join } from "node:path";
import {
  type AgentProcess,
  type Bundle,
  get,
  k1,
  publish,
  type Scope,
  signed,
  startAgent,
} from "#test/journeys/edge-rig.ts";
import { origin, pidsOf, plan, type Site, site } from "#test/journeys/edge-site.ts";
import { startViewers, type Viewers } from "#test/journeys/edge-viewers.ts";
import { type FaultShim, openFaultShim } from "#test/journeys/fault-shim.ts";

export const fileBytes = 200_000;

export interface Appliance extends Site {
  readonly agent: AgentProcess;
  readonly environment: Record<string, string>;
  readonly viewers: Viewers;
  readonly held: Bundle;
  /** Absent where nothing is preloaded. */
  readonly shim: FaultShim | undefined;
  /** One more title at the origin, of so many files. */
  publish(title: string, files: number): Bundle;
  master(): Promise<number>;
}

/** Resolves when it holds a film of four files, and eight viewers have begun to ask for one of them. */
export async function openAppliance(
  t: Scope,
  order: { readonly environment?: Record<string, string>; readonly shim?: true } = {},
): Promise<Appliance> {
  const box = await site(t);
  const { dir, listen, control, folder, originUrl } = box;
  const more = (title: string, files: number): Bundle =>
    publish(join(folder, "store"), title, "v360", files, fileBytes);
  const held = more("t1", 4);
  control.desired = plan(1, [held], origin(originUrl));
  const shim = order.shim === undefined ? undefined : openFaultShim(t);
  const environment = { MILLRACE_EDGE_WORKERS: "2", ...shim?.environment, ...order.environment };
  const agent = startAgent(t, { dir, listen, control: control.url }, environment);
  await control.report("all", (report) => report.verified.length === 1);
  const viewers = startViewers(t, {
    ...{ listen, viewers: 8, restMs: 20, bytes: fileBytes },
    path: () => signed(k1, "t1", "v360/0.m4s", 7200),
  });
  const master = async (): Promise<number> => (await pidsOf(dir, "master"))[0] ?? 0;
  return { ...box, agent, environment, viewers, held, shim, publish: more, master };
}

/** Status of a film's first file; 0 without an answer. */
export function statusOf(listen: string, title: string, file = 0, seconds = 7200): Promise<number> {
  return get(listen, signed(k1, title, `v360/${file}.m4s`, seconds)).then(
    ({ status }) => status,
    () => 0,
  );
}

/** In ms since it was begun. */
export function stopwatch(): () => number {
  const begun = performance.now();
  return () => Math.round(performance.now() - begun);
}

/** "0 of 812 requests failed". */
export function failures({ viewers }: Appliance): string {
  return `${viewers.failed().length} of ${viewers.asked()} requests failed`;
}
