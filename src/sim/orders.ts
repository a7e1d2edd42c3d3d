// What control tells the boxes of a site to hold and whom to ask for it: place/'s fill plan, box by box, from each site's plan
// and from what every box was heard to hold.
import type { FillRules, Source, WantedBundle } from "#edge/fill-state.ts";
import type { FillBox, FillFile, FillWorld, Way } from "#place/fill-facts.ts";
import { type BoxMemory, heardFrom, nothingKnown, ownBox, seenBox, toldTo } from "#place/fill-memory.ts";
import { fillRateOf } from "#place/fill-night.ts";
import { type FillItem, fillOf } from "#place/fill-plan.ts";
import type { RankedSource } from "#place/fill-sources.ts";
import type { PlaceSettings } from "#place/settings.ts";
import type { Box } from "./appliance.ts";
import { type Catalogue, renditionsPerTitle } from "./catalogue.ts";
import type { ClusterPlan } from "./clusters.ts";
import { HolderLists } from "./placed.ts";
import type { SimSite } from "./scenario.ts";

/** What control keeps of one box. */
export interface Known {
  memory: BoxMemory;
  verified: ReadonlySet<string>;
  /** What it advertised then has this name. */
  heard: string;
}

export const unknown = (): Known => ({ memory: nothingKnown, verified: new Set(), heard: "" });

export interface OrdersFacts {
  readonly site: SimSite;
  readonly plan: ClusterPlan;
  readonly catalogue: Catalogue;
  readonly publishedAtMs: (title: number) => number;
  readonly wayFrom: (fromSiteId: string, toSiteId: string) => Way;
  readonly settings: PlaceSettings;
  readonly urgentShare: number;
}

/** A box and what control knows of it. */
export interface Heard {
  readonly box: Box;
  readonly known: Known;
}

export interface BoxOrders {
  readonly bundles: readonly WantedBundle[];
  readonly rules: FillRules;
  readonly deferredBytes: number;
  /** Last copies that had to go because nobody had room. */
  readonly gaveWay: number;
}

/** Control hears a box: what it advertises, and that it follows what it was told. */
export function hear(box: Box, known: Known): void {
  const heard = `${box.life} ${box.fill.version}`;
  if (known.heard !== heard) known.verified = new Set(advertisedBy(box));
  known.heard = heard;
  const { fetching, checking, pending, bundles } = box.fill;
  const isIdle = fetching === 0 && checking === 0 && pending.size === 0;
  known.memory = heardFrom(known.memory, {
    verified: known.verified,
    follows: bundles.size > 0 ? "told" : "none",
    isIdle,
  });
}

function* advertisedBy({ fill }: Box): Generator<string> {
  for (const [id, lacking] of fill.lacking) if (lacking === 0) yield id;
  yield* fill.former.keys();
}

/** Orders for the boxes of a site while one plan is in force. */
export class SiteOrders {
  private readonly facts: OrdersFacts;
  private readonly files: ReadonlyMap<string, FillFile>;
  private readonly sources = new SourceLists();
  private readonly planned: ReadonlyMap<string, readonly FillFile[]>;

  constructor(facts: OrdersFacts) {
    this.facts = facts;
    this.files = filesOf(facts);
    this.planned = byServer(this.files.values());
  }

  /** All boxes of the region as they are seen now. */
  look(boxes: readonly Heard[]): FillWorld {
    return {
      files: this.files,
      planned: this.planned,
      boxes: new Map(boxes.map((one) => [one.box.id, this.seen(one)])),
    };
  }

  /** What a box is told now; it is remembered as told. */
  tell({ box, known }: Heard, world: FillWorld, nowMs: number): BoxOrders {
    const { site, settings, wayFrom } = this.facts;
    const seen = world.boxes.get(box.id) ?? this.seen({ box, known });
    const filling = fillOf({
      ...{ world, role: box.server.role, zone: site.zone, memory: known.memory, nowMs, settings },
      me: ownBox(seen, known.memory, (id) => this.versionOf(id)),
      wayFrom: (from) => wayFrom(from, site.id),
    });
    known.memory = {
      ...toldTo(known.memory, filling.items),
      ...{ night: filling.night, progress: filling.progress },
      deferred: new Set(filling.deferred.map(({ id }) => id)),
    };
    return {
      bundles: filling.items.map((item) => this.bundleOf(item)),
      rules: this.rulesOf(box),
      deferredBytes: filling.deferred.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      gaveWay: filling.gaveWay.length,
    };
  }

  private rulesOf(box: Box): FillRules {
    const { site, settings, urgentShare } = this.facts;
    const window = { zone: site.zone, opensAtMinute: settings.fillOpensAtMinute, hours: settings.fillHours };
    return { window, rateBps: fillRateOf(box.server.role, site.zone, settings), urgentShare };
  }

  private seen({ box, known }: Heard): FillBox {
    const { throughputBps, storageBytes } = box.server;
    const facts = {
      ...{ id: box.id, siteId: box.siteId, clusterId: box.siteId, storageBytes, throughputBps },
      ...{ isHealthy: box.health.health === "healthy", load: box.load / throughputBps },
    };
    return seenBox(facts, known.verified, known.memory, (id) => this.versionOf(id));
  }

  private versionOf(fileId: string): number | undefined {
    return this.files.get(fileId)?.publishedAtMs;
  }

  private bundleOf({ file, sources, isUrgent }: FillItem): WantedBundle {
    return {
      id: file.id,
      titleId: file.titleId,
      files: this.facts.catalogue.contentOf(file.id),
      sources: this.sources.of(sources),
      ...(isUrgent ? { urgent: true } : {}),
    };
  }
}

function filesOf({ catalogue, plan, publishedAtMs }: OrdersFacts): Map<string, FillFile> {
  const files = new Map<string, FillFile>();
  const holders = new HolderLists(plan.placed);
  for (const [file, id] of catalogue.fileIds.entries()) {
    const title = Math.floor(file / renditionsPerTitle);
    files.set(id, {
      id,
      titleId: catalogue.titleIds[title] ?? "",
      sizeBytes: catalogue.sizes[file] ?? 0,
      playsPerDay: plan.plays[file] ?? 0,
      publishedAtMs: publishedAtMs(title),
      serverIds: holders.of(file),
    });
  }
  return files;
}

function byServer(files: Iterable<FillFile>): ReadonlyMap<string, readonly FillFile[]> {
  const planned = new Map<string, FillFile[]>();
  for (const file of files) {
    for (const id of file.serverIds) {
      const list = planned.get(id);
      if (list === undefined) planned.set(id, [file]);
      else list.push(file);
    }
  }
  // As the fill plan sorts them, which finds them sorted at each of the day's tellings.
  for (const list of planned.values())
    list.sort((a, b) => b.playsPerDay - a.playsPerDay || (a.id < b.id ? -1 : 1));
  return planned;
}

/** Lists of sources, each made once: a box's files have few different ones. */
class SourceLists {
  private readonly known = new Map<string, readonly Source[]>();

  of(ranked: readonly RankedSource[]): readonly Source[] {
    const name = ranked.map(({ boxId, kind, afterMs }) => `${boxId} ${kind} ${afterMs}`).join();
    const found = this.known.get(name);
    if (found !== undefined) return found;
    const sources = ranked.map(sourceOf);
    this.known.set(name, sources);
    return sources;
  }
}

function sourceOf({ boxId, kind, afterMs }: RankedSource): Source {
  const sourceId = boxId ?? "origin";
  return { sourceId, kind, baseUrl: `http://${sourceId}`, ...(afterMs > 0 ? { afterMs } : {}) };
}
