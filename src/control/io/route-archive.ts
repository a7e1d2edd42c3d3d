// The routes of each appliance on disk, so that a control plane that starts anew answers as before until it was told
// everything again. A file per appliance, replaced whole; one that is torn or altered is told and left out.
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as rest, setImmediate as turn } from "node:timers/promises";
import type { z } from "zod";
import type { RouteFeed } from "#bgp/route-feed.ts";
import { keptParts } from "#bgp/route-keep.ts";
import type { Values } from "#config/setting.ts";
import { controlFaults } from "#control/faults.ts";
import type { routeSettings } from "#control/route-settings.ts";
import { ownerOnly, readIfThere, sweepUnfinished, writeWhole } from "#io/files.ts";
import type { Log } from "#io/log.ts";
import type { RoutePart } from "#model/route-feed.ts";
import { Fault } from "#units/fault.ts";
import { keptRoutesEnd, keptRoutesHead, routePart } from "#wire/routes.ts";

export interface RouteArchiveOrder {
  readonly folder: string;
  readonly settings: Pick<Values<typeof routeSettings>, "keepMs">;
  readonly logger: Log;
  /** While the work is done no feed changes. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
}

interface Due {
  readonly siteId: string;
  readonly feed: RouteFeed;
}

const partOctets = 1 << 16;
/** Writing takes at most one part in so many of the time. */
const restShare = 10;

export class RouteArchive {
  private readonly order: RouteArchiveOrder;
  private readonly due = new Map<string, Due>();
  private working: Promise<void> | undefined;

  constructor(order: RouteArchiveOrder) {
    this.order = order;
  }

  /** What was kept, part by part; undefined when there is nothing that can be used. */
  async read(applianceId: string, siteId: string): Promise<readonly RoutePart[] | undefined> {
    await sweepUnfinished(this.order.folder);
    try {
      const text = await readIfThere(this.pathOf(applianceId));
      return text === undefined ? undefined : partsOf(text, applianceId, siteId);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.complain(applianceId, error.message);
      return undefined;
    }
  }

  complain(applianceId: string, because: string): void {
    const facts = { applianceId, path: this.pathOf(applianceId), because };
    const fault = new Fault(controlFaults.keptRoutesUnreadable, facts);
    this.order.logger.error({ code: fault.code, ...facts }, fault.message);
  }

  /** Writes it soon, as it is then. */
  changed(applianceId: string, siteId: string, feed: RouteFeed): void {
    this.due.set(applianceId, { siteId, feed });
    this.working ??= this.work().finally(() => {
      this.working = undefined;
    });
  }

  /** Soon there is nothing of it on disk. */
  forget(applianceId: string): void {
    this.due.delete(applianceId);
    void rm(this.pathOf(applianceId), { force: true }).catch((error: unknown) =>
      this.order.logger.error(
        { err: error, appliance: applianceId },
        "withdrawn routes could not be removed from disk",
      ),
    );
  }

  /** Writes what is due and ends. */
  async close(): Promise<void> {
    await this.working;
    await this.writeAll();
  }

  private async work(): Promise<void> {
    const { settings, signal } = this.order;
    let pauseMs = settings.keepMs;
    while (this.due.size > 0 && !signal.aborted) {
      await rest(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const begunMs = performance.now();
      await this.writeAll();
      pauseMs = Math.max(settings.keepMs, restShare * (performance.now() - begunMs));
    }
  }

  private async writeAll(): Promise<void> {
    for (const [id, { siteId, feed }] of [...this.due]) {
      this.due.delete(id);
      try {
        const text = await this.order.inTurn(() => textOf(id, siteId, feed));
        if (feed.position !== undefined) await writeWhole(this.pathOf(id), text, ownerOnly);
        // Withdrawn while it was written: then it was removed too early.
        if (feed.position === undefined) this.forget(id);
      } catch (error) {
        this.order.logger.error(
          { err: error, appliance: id },
          "routes could not be kept; a restart would ask for them anew",
        );
      }
    }
  }

  private pathOf(applianceId: string): string {
    return join(this.order.folder, `${applianceId}.routes`);
  }
}

async function textOf(applianceId: string, siteId: string, feed: RouteFeed): Promise<string> {
  const head: z.infer<typeof keptRoutesHead> = { kind: "kept-routes", version: 1, applianceId, siteId };
  const lines = [`${JSON.stringify(head)}\n`];
  for (const part of keptParts(feed, partOctets)) {
    lines.push(`${JSON.stringify(part)}\n`);
    await turn();
  }
  const body = lines.join("");
  const end: z.infer<typeof keptRoutesEnd> = { kind: "end", sha256: sha256(body) };
  return `${body}${JSON.stringify(end)}\n`;
}

/** @throws Error that says why not; undefined when the appliance stood at another site then. */
function partsOf(text: string, applianceId: string, siteId: string): readonly RoutePart[] | undefined {
  const cut = text.trimEnd().lastIndexOf("\n") + 1;
  const end = keptRoutesEnd.safeParse(jsonOf(text.slice(cut)));
  if (!end.success) throw new Error("its end is missing");
  const body = text.slice(0, cut);
  if (sha256(body) !== end.data.sha256)
    throw new Error("it is not what was written: its sha256 is another one");
  const [first = "", ...lines] = body.trimEnd().split("\n");
  const head = keptRoutesHead.safeParse(jsonOf(first));
  if (!head.success) throw new Error("another version of Millrace wrote it");
  if (head.data.applianceId !== applianceId) throw new Error(`it is about ${head.data.applianceId}`);
  if (head.data.siteId !== siteId) return undefined;
  return lines.map((line) => routePart.parse(jsonOf(line)));
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
