// A box of the region: its production machines (fill queue, health gate), and what is so beyond what they know.
import { defaultsOf } from "#config/setting.ts";
import { emptyFill, type FillState } from "#edge/fill-state.ts";
import { edgeSettings } from "#edge/settings.ts";
import type { Appliance } from "#model/network.ts";
import { type HealthState, unheard } from "#steer/health.ts";
import { applianceId, siteId } from "#units/id.ts";
import { bitsPerSecond, bytes, milliseconds } from "#units/quantity.ts";
import type { SimServer } from "./scenario.ts";

const agent = defaultsOf(edgeSettings);

export interface Box {
  readonly bit: number;
  readonly id: string;
  readonly siteId: string;
  readonly server: SimServer;
  readonly appliance: Appliance;
  fill: FillState;
  health: HealthState;
  /** Whether it has power. */
  alive: boolean;
  draining: boolean;
  /** Until then it sends wrong bytes to whoever fetches from it. */
  liesUntilMs: number;
  /** Starts of its agent: what an earlier one was doing concerns nobody. */
  life: number;
  quarantined: number;
  /** Keys of files that may be advertised or not since control last heard. */
  readonly touched: Set<string>;
  /** Sent to viewers in the last hour, bit/s. */
  load: number;
}

export function boxOf(bit: number, site: string, server: SimServer): Box {
  const id = applianceId(server.id);
  return {
    bit,
    id,
    siteId: site,
    server,
    appliance: {
      id,
      siteId: siteId(site),
      role: server.role,
      storage: bytes(server.storageBytes),
      throughput: bitsPerSecond(server.throughputBps),
    },
    fill: freshFill(server),
    health: unheard,
    alive: true,
    draining: false,
    liesUntilMs: Number.NEGATIVE_INFINITY,
    life: 0,
    quarantined: 0,
    touched: new Set(),
    load: 0,
  };
}

/** Its agent as it starts: it knows of no plan, and has looked at no disk. */
export function freshFill(server: SimServer): FillState {
  return emptyFill({
    budget: bytes(server.storageBytes),
    fetches: agent.fillParallel,
    checks: agent.checkParallel,
    retryMin: milliseconds(agent.retryMinMs),
    retryMax: milliseconds(agent.retryMaxMs),
    cap: bitsPerSecond(0),
    throughput: bitsPerSecond(server.throughputBps),
    limitShare: agent.urgentLimitPercent / 100,
    window: "plan",
  });
}

/** Whether it advertises a bundle: every file of it verified. */
export function advertises(fill: FillState, bundleId: string): boolean {
  return fill.lacking.get(bundleId) === 0 || fill.former.has(bundleId);
}
