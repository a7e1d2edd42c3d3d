// Claim: what a report costs the control plane in planning its fill, where there are many appliances, and what is remembered
// of each. Reference: an appliance that holds all that is planned on it.
import { emptyTable } from "#bgp/route-table.ts";
import { defaultsOf } from "#config/setting.ts";
import { answerReport, type FillBook } from "#control/filling.ts";
import { type Box, emptyFleet, type Fleet, type Moment } from "#control/fleet.ts";
import { type Network, readNetwork } from "#control/network.ts";
import type { FillFile } from "#place/fill-facts.ts";
import { placeSettings } from "#place/settings.ts";
import { unheard } from "#steer/health.ts";
import { steerSettings } from "#steer/settings.ts";
import { goodReport } from "#test/fixtures/small-network.ts";
import { assert } from "#units/assert.ts";
import { milliseconds } from "#units/quantity.ts";
import type { SitesFile } from "#wire/topology.ts";
import { type BenchResult, median } from "./bench.ts";

interface Size {
  readonly appliances: number;
  readonly files: number;
  /** Of the tail, on each; the head, a fiftieth of all files, is on every one. */
  readonly tailOnEach: number;
}

const storage = 2e14;
const now: Moment = { wallMs: milliseconds(1.75e12), monoMs: milliseconds(1000) };
const settings = defaultsOf(placeSettings);

export async function bench(quick: boolean): Promise<BenchResult> {
  const size = quick
    ? { appliances: 100, files: 10_000, tailOnEach: 800 }
    : { appliances: 1000, files: 100_000, tailOnEach: 8000 };
  const rows = [rowOf(size, "all", () => true), rowOf(size, "every other", (i) => i % 2 === 0)];
  return { claim: "CPU time of one report whose fill is planned anew, and memory of each appliance", rows };
}

function rowOf(size: Size, held: string, holds: (i: number) => boolean) {
  const network = networkOf(size.appliances);
  const ids = [...network.appliances.keys()];
  const shelf = shelfOf(size, ids);
  const verified = new Map(
    ids.map((id) => [id, (shelf.planned.get(id) ?? []).filter((_, i) => holds(i)).map((file) => file.id)]),
  );
  const fleet = fleetOf(network, verified);
  const books = new Map<string, FillBook>();
  const answer = (id: string): number => {
    const appliance = network.appliances.get(id);
    assert(appliance !== undefined, "the network has it");
    const told = books.get(id)?.told?.epoch ?? 0;
    const report = reportOf(appliance.baseUrl, verified.get(id) ?? [], told);
    const began = process.cpuUsage();
    const { book } = answerReport({
      ground: { fleet, network, shelf, table: emptyTable, settings, now },
      ...{
        books,
        appliance,
        report,
        keys: [{ kid: "k", secret: "s".repeat(32) }],
        broken: undefined,
        denied: [],
      },
    });
    books.set(id, book);
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  };
  const few = ids.slice(0, 10);
  const before = heapUsed();
  const first = few.map(answer);
  const grown = (heapUsed() - before) / few.length;
  const onEach = shelf.planned.get(ids[0] ?? "")?.length ?? 0;
  return {
    ...{ appliances: size.appliances, files: size.files, "files on each": onEach, "of these held": held },
    "first report CPU ms": Math.round(median(first)),
    "next report CPU ms": Math.round(median(few.map(answer))),
    "remembered MB each (with --expose-gc)": globalThis.gc === undefined ? "" : (grown / 1e6).toFixed(1),
  };
}

function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function networkOf(appliances: number): Network {
  const box = (site: number, at: number) => ({
    ...{ id: `s${site}-${at}`, role: "storage" as const, storageBytes: storage, throughputBps: 1e11 },
    listen: `10.${site >> 8}.${site & 255}.${at + 1}:80`,
  });
  const sites: SitesFile["sites"] = Array.from({ length: appliances / 4 }, (_, site) => ({
    ...{ id: `s${site}`, name: `s${site}`, kind: "embedded" as const, zone: "Europe/Berlin" },
    location: { latitude: site % 80, longitude: site % 170 },
    appliances: [0, 1, 2, 3].map((at) => box(site, at)),
  }));
  const reading = readNetwork({ sites, viewpoints: [] }, "http://127.0.1.1:8180");
  assert(reading.kind === "read", "the network is well formed");
  return reading.network;
}

function shelfOf({ files: count, tailOnEach }: Size, ids: readonly string[]) {
  const files = new Map<string, FillFile>();
  const planned = new Map<string, FillFile[]>(ids.map((id) => [id, []]));
  const parts = new Map<string, { path: string; bytes: number; sha256: string }[]>();
  const head = Math.floor(count / 50);
  const copies = Math.round((tailOnEach * ids.length) / (count - head));
  for (let i = 0; i < count; i++) {
    const places = Array.from({ length: copies }, (_, k) => ids[(i * 7919 + k * 13) % ids.length] ?? "");
    const serverIds = i < head ? ids : places;
    const [titleId, id] = [`title-${i >> 3}`, `title-${i >> 3}/r${i}`];
    const more = { sizeBytes: 2e9, playsPerDay: 1e5 / (i + 1), publishedAtMs: 1.7e12 };
    const file: FillFile = { id, titleId, ...more, serverIds };
    files.set(id, file);
    parts.set(id, [{ path: "a", bytes: 2e9, sha256: "0".repeat(64) }]);
    for (const serverId of serverIds) planned.get(serverId)?.push(file);
  }
  return { files, planned, parts };
}

function fleetOf(network: Network, verified: ReadonlyMap<string, string[]>): Fleet {
  const boxes = [...network.appliances.values()].map(({ id, baseUrl }) => {
    const own = verified.get(id) ?? [];
    const gate = { ...unheard, health: "healthy" as const, because: "", lastReport: now.monoMs };
    const report = reportOf(baseUrl, own, 0);
    return [id, { report, verified: new Set(own), lastSeenMs: now.wallMs, gate, formerBoots: [] }] as const;
  });
  return { ...emptyFleet(defaultsOf(steerSettings)), boxes: new Map<string, Box>(boxes) };
}

function reportOf(baseUrl: string, verified: string[], desiredEpoch: number) {
  return { ...goodReport(baseUrl, verified, desiredEpoch), disk: { usedBytes: 0, budgetBytes: storage } };
}
