// What the sites heard, and which site heard an address best. A table is a value: events make the next one, and whoever
// looks things up in the one before is not disturbed.
import type { Route, RouteEvent, RouteMatch } from "#model/network.ts";
import { siteId } from "#units/id.ts";
import { type IpAddress, prefixOf, readPrefix, writePrefix } from "./address.ts";
import { find4, find6, type Lpm4, type Lpm6 } from "./lpm.ts";
import { buildLpm4, buildLpm6 } from "./lpm-build.ts";
import { ChainBook, type RouteChains, routesOf } from "./route-chains.ts";
import {
  columnLimits,
  emptyRun,
  LogBook,
  merged,
  type RouteFacts,
  type RouteLog,
  type RouteRun,
  renumbered,
  wordOf,
} from "./route-run.ts";

/** What lookups need: arrays of numbers, so that a worker can hand it over in shared memory. */
export interface CompiledTable {
  /** Sorted; routes speak of sites by their position here. */
  readonly sites: readonly string[];
  readonly v4: Lpm4;
  readonly v6: Lpm6;
  readonly chains: RouteChains;
}

/** What holds: the routes of both families, in columns, and nothing compiled. */
export interface RouteSet {
  readonly sites: readonly string[];
  readonly run4: RouteRun;
  readonly run6: RouteRun;
}

export interface RouteTable extends CompiledTable {
  readonly routes: RouteSet;
}

/** Events by family, with the sites they speak of; both in the order they came. */
export interface EventBatch {
  readonly sites: readonly string[];
  readonly log4: RouteLog;
  readonly log6: RouteLog;
}

export interface Refused {
  /** Of the event, from 0. */
  readonly index: number;
  readonly because: string;
}

export type Applied =
  | { readonly kind: "applied"; readonly table: RouteTable }
  | { readonly kind: "refused"; readonly because: string };

export const noRoutes: RouteSet = { sites: [], run4: emptyRun(4), run6: emptyRun(6) };

export const emptyTable: RouteTable = { ...compiled(noRoutes), routes: noRoutes };

/**
 * One event folded in. A site has one route per prefix: announcing again replaces it (RFC 4271 §9, implicit
 * withdrawal), withdrawing what is not there changes nothing. Compiles the whole table: for many events use `fold`.
 */
export function apply(table: RouteTable, event: RouteEvent): Applied {
  const { table: next, refused } = fold(table, [event]);
  const [no] = refused;
  return no === undefined ? { kind: "applied", table: next } : { kind: "refused", because: no.because };
}

/** Many events folded in, in order. What was refused is named with its number, and left out. */
export function fold(
  table: RouteTable,
  events: readonly RouteEvent[],
): { readonly table: RouteTable; readonly refused: readonly Refused[] } {
  const book = new EventBook();
  const refused = book.take(events);
  const routes = after(table.routes, book.read());
  return { table: { ...compiled(routes), routes }, refused };
}

/** Events that wait to be folded in, as columns. */
export class EventBook {
  private readonly sites = new Map<string, number>();
  private readonly books = { 4: new LogBook(4), 6: new LogBook(6) };

  get rows(): number {
    return this.books[4].rows + this.books[6].rows;
  }

  /** Taken in order. What cannot be read is named with its number, and left out. */
  take(events: readonly RouteEvent[]): readonly Refused[] {
    const refused: Refused[] = [];
    for (const [index, event] of events.entries()) {
      const because = this.takeOne(event);
      if (because !== undefined) refused.push({ index, because });
    }
    return refused;
  }

  read(): EventBatch {
    return { sites: [...this.sites.keys()], log4: this.books[4].read(), log6: this.books[6].read() };
  }

  private takeOne(event: RouteEvent): string | undefined {
    const announced = event.kind === "announce" ? event.route : undefined;
    const { siteId: site, prefix } = event.kind === "announce" ? event.route : event;
    const reading = readPrefix(prefix);
    if (reading.kind === "refused") return `site ${site}: ${reading.because}`;
    const facts = announced && factsOf(announced);
    const because = facts && unfit(facts);
    if (because !== undefined) return `site ${site}, ${prefix}: ${because}`;
    const number = this.sites.get(site) ?? this.sites.size;
    this.sites.set(site, number);
    this.books[reading.prefix.family].append(reading.prefix, number, facts);
    return undefined;
  }
}

/** The routes after the batch. Sites that have none left are forgotten. */
export function after(routes: RouteSet, batch: EventBatch): RouteSet {
  const all = [...new Set([...routes.sites, ...batch.sites])].sort();
  const held = numbersIn(all, routes.sites);
  const said = numbersIn(all, batch.sites);
  const run4 = merged(renumbered(routes.run4, held), renumbered(batch.log4, said));
  const run6 = merged(renumbered(routes.run6, held), renumbered(batch.log6, said));
  const used = new Uint8Array(all.length);
  for (const { sites } of [run4, run6]) for (const site of sites) used[site] = 1;
  if (!used.includes(0)) return { sites: all, run4, run6 };
  const left = all.filter((_, number) => used[number] === 1);
  const numbers = numbersIn(left, all);
  return { sites: left, run4: renumbered(run4, numbers), run6: renumbered(run6, numbers) };
}

export function compiled({ sites, run4, run6 }: RouteSet): CompiledTable {
  const book = new ChainBook(run4.count + run6.count);
  const v4 = buildLpm4(run4, (parent, from, to) => book.chain(run4, parent, from, to));
  const v6 = buildLpm6(run6, (parent, from, to) => book.chain(run6, parent, from, to));
  return { sites, v4, v6, chains: book.finish() };
}

/** For each site its best route that covers the address, best site first. */
export function lookup(table: CompiledTable, address: IpAddress): readonly RouteMatch[] {
  const texts = new Map<number, string>();
  return routesOf(table.chains, chainOf(table, address), table.sites.length).map((route) => {
    const { prefixLength, asPathLength, med, neighbourAs } = route;
    const prefix = texts.get(prefixLength) ?? writePrefix(prefixOf(address, prefixLength));
    texts.set(prefixLength, prefix);
    return {
      siteId: siteId(table.sites[route.site] ?? ""),
      prefix,
      prefixLength,
      asPathLength,
      med,
      neighbourAs,
    };
  });
}

/** Longest prefix, then shortest AS path, then lowest MED; equals in site order, so that the result is one. */
export function byPreference(a: RouteMatch, b: RouteMatch): number {
  return (
    b.prefixLength - a.prefixLength ||
    a.asPathLength - b.asPathLength ||
    a.med - b.med ||
    (a.siteId < b.siteId ? -1 : a.siteId > b.siteId ? 1 : 0)
  );
}

function chainOf(table: CompiledTable, address: IpAddress): number {
  if (address.family === 4) return find4(table.v4, Number(address.value));
  const [a, b, c, d] = [0, 1, 2, 3].map((word) => wordOf(address, word));
  return find6(table.v6, a ?? 0, b ?? 0, c ?? 0, d ?? 0);
}

function factsOf(route: Route): RouteFacts {
  return { asPathLength: route.asPath.length, med: route.med, neighbourAs: route.asPath[0] ?? 0 };
}

/** Columns are 16 and 32 bits wide; a wrapped number would place a site where it does not belong. */
function unfit({ asPathLength, med, neighbourAs }: RouteFacts): string | undefined {
  if (asPathLength > columnLimits.asPathLength) return `an AS path of ${asPathLength} is too long`;
  if (!isUnsigned(med, columnLimits.med)) return `MED ${med} is not a whole number of 32 bits`;
  if (!isUnsigned(neighbourAs, columnLimits.neighbourAs))
    return `AS ${neighbourAs} is not a number of 32 bits`;
  return undefined;
}

function isUnsigned(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

/** Number in `part` → number in `all`. */
function numbersIn(all: readonly string[], part: readonly string[]): Uint32Array {
  const numbers = new Map(all.map((site, number) => [site, number]));
  return Uint32Array.from(part, (site) => numbers.get(site) ?? 0);
}
