// A control plane's memory of a small network, driven report by report: for the tests of the fill.
import { emptyTable } from "#bgp/route-table.ts";
import { defaultsOf } from "#config/setting.ts";
import type { StoredTitle } from "#data/ports.ts";
import type { PlacementPlan } from "#model/placement.ts";
import { type PlaceSettings, placeSettings } from "#place/settings.ts";
import { steerSettings } from "#steer/settings.ts";
import { goodReport, smallSites, smallTitle, smallTitleFiles } from "#test/fixtures/small-network.ts";
import { assert as hold } from "#units/assert.ts";
import { applianceId } from "#units/id.ts";
import { milliseconds } from "#units/quantity.ts";
import type { ApplianceReport, DesiredState } from "#wire/appliance.ts";
import type { SitesFile } from "#wire/topology.ts";
import { type Catalogue, catalogueOf } from "./catalogue.ts";
import { type Shelf, shelfOf } from "./fill-shelf.ts";
import { answerReport, type FillBook } from "./filling.ts";
import { emptyFleet, type Fleet, type Moment, reported } from "./fleet.ts";
import { type Network, readNetwork } from "./network.ts";

export const files = smallTitleFiles("film");
export const published = 1.7e12;
export const nowMs = published + 1000 * 3_600_000;

/** A control plane's memory of a small network, driven report by report. */
export class Rig {
  network: Network;
  fleet: Fleet = emptyFleet(defaultsOf(steerSettings));
  catalogue: Catalogue;
  shelf: Shelf;
  books = new Map<string, FillBook>();
  settings: PlaceSettings;
  table = emptyTable;
  keys: DesiredState["keys"] = [{ kid: "k1", secret: "s".repeat(32) }];
  monoMs = 0;
  readonly epochs = new Map<string, number>();

  constructor(more: Partial<PlaceSettings> = {}, sites: SitesFile = smallSites) {
    const reading = readNetwork(sites, "http://127.0.1.1:8180");
    hold(reading.kind === "read", "the fixture is well formed");
    this.network = reading.network;
    this.settings = { ...defaultsOf(placeSettings), ...more };
    this.catalogue = catalogueOf([smallTitle("film")]);
    this.shelf = this.#shelf(undefined);
  }

  publish(...titles: readonly StoredTitle[]): void {
    this.catalogue = catalogueOf(titles);
  }

  /** Every file on these appliances. */
  plan(...serverIds: readonly string[]): void {
    this.shelf = this.#shelf({
      ...{ cutoff: 1, weights: [], lambda: 0, head: [] },
      assignment: [...this.catalogue.files].map((fileId) => {
        return { fileId, band: "head" as const, serverIds: serverIds.map(applianceId), because: "" };
      }),
      predicted: { maxUtilisation: 1, effectiveCapacity: 1, holePercent: 0, churnBytes: 0, servers: [] },
    });
  }

  moment(): Moment {
    return { wallMs: milliseconds(nowMs + this.monoMs), monoMs: milliseconds(this.monoMs) };
  }

  report(id: string, verified: readonly string[], more: Partial<ApplianceReport> = {}): DesiredState | null {
    const appliance = this.network.appliances.get(id);
    hold(appliance !== undefined, "the fixture has it");
    const said = { desiredEpoch: this.epochs.get(id) ?? 0, ...more };
    const report = { ...goodReport(appliance.baseUrl, [...verified]), ...said };
    const now = this.moment();
    const order = { report, catalogue: this.catalogue, now, interval: milliseconds(2000) };
    this.fleet = reported(this.fleet, appliance, order);
    const { fleet, network, shelf, table, settings } = this;
    const { book, desired } = answerReport({
      ground: { fleet, network, shelf, table, settings, now },
      ...{ books: this.books, appliance, report, keys: this.keys, broken: undefined, denied: [] },
    });
    this.books.set(id, book);
    if (desired !== null) this.epochs.set(id, desired.epoch);
    return desired;
  }

  /** Each file on its own appliances. */
  planEach(places: ReadonlyMap<string, readonly string[]>): void {
    this.shelf = this.#shelf({
      ...{ cutoff: 1, weights: [], lambda: 0, head: [] },
      assignment: [...places].map(([fileId, serverIds]) => {
        return { fileId, band: "tail" as const, serverIds: serverIds.map(applianceId), because: "" };
      }),
      predicted: { maxUtilisation: 1, effectiveCapacity: 1, holePercent: 0, churnBytes: 0, servers: [] },
    });
  }

  #shelf(plan: PlacementPlan | undefined): Shelf {
    return shelfOf({ catalogue: this.catalogue, plan, demand: new Map() });
  }
}
