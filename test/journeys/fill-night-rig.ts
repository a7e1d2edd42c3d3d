// A small installation whose night can be made to fall: control, an origin, and appliances at two sites, on loopback.
//
// A night cannot be waited for. The window is from 02:00 to 04:00 by the sites' clocks, and what is moved is the sites: to the
// time zone in which it is past two now, or to one in which it is afternoon.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultsOf } from "#config/setting.ts";
import { openSecrets, type Secrets } from "#control/io/secrets.ts";
import type { StoredTitle } from "#data/ports.ts";
import { startOrigin } from "#edge/io/origin.ts";
import { edgeSettings } from "#edge/settings.ts";
import { placeSettings } from "#place/settings.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { assert as hold } from "#units/assert.ts";
import { bitsPerSecond, bytes } from "#units/quantity.ts";
import type { SitesFile } from "#wire/topology.ts";
import { openPlane, type Plane, settings } from "./control-plane.ts";
import {
  type AgentProcess,
  atEnd,
  type Bundle,
  freeListen,
  publish,
  type Scope,
  startAgent,
  strength,
  tempFolder,
  tools,
} from "./edge-rig.ts";

export type Hours = "day" | "night";

export interface Fetch {
  readonly atMs: number;
  /** Appliance that fetched. */
  readonly by: string;
  /** Appliance, or "origin". */
  readonly from: string;
  readonly key: string;
  readonly status: number;
  readonly bytes: number;
  readonly range: string;
}

const storage = 2_600_000;
/** A megabyte a second: long enough for an agent to be killed in the middle of a file. */
const slow = { MILLRACE_EDGE_FILL_BPS: "8000000", MILLRACE_EDGE_REPORT_INTERVAL_MS: "100" };

export class Installation {
  readonly plane: Plane;
  readonly folder: string;
  readonly bundles: ReadonlyMap<string, Bundle>;
  readonly #listens: ReadonlyMap<string, string>;
  readonly #secrets: Secrets;
  readonly #scope: Scope;

  constructor(
    plane: Plane,
    more: {
      readonly folder: string;
      readonly bundles: ReadonlyMap<string, Bundle>;
      readonly listens: ReadonlyMap<string, string>;
      readonly secrets: Secrets;
      readonly scope: Scope;
    },
  ) {
    this.plane = plane;
    this.folder = more.folder;
    this.bundles = more.bundles;
    this.#listens = more.listens;
    this.#secrets = more.secrets;
    this.#scope = more.scope;
  }

  start(id: string): AgentProcess {
    const dir = join(this.folder, id);
    const listen = this.#listens.get(id);
    hold(listen !== undefined, "the installation knows its appliances");
    const token = this.#secrets.applianceToken;
    const order = { id, dir, listen, control: this.plane.control.url, token, budget: storage };
    return startAgent(this.#scope, order, slow);
  }

  /** Of these appliances, at these hours. */
  move(ids: readonly string[], hours: Hours): void {
    this.plane.control.setSites(topologyOf(this.#listens, ids, hours));
  }

  reports() {
    return this.plane.control.appliances();
  }

  /** What was fetched by agents since, wherever they asked; nginx writes its log every second. */
  fetches(sinceMs = 0): Fetch[] {
    const logs = [...this.#listens.keys()].map((id) => [id, join(this.folder, id, "nginx")] as const);
    const all = [["origin", join(this.folder, "origin-nginx")] as const, ...logs];
    return all
      .flatMap(([from, prefix]) => fetchesIn(join(prefix, "logs/access.log"), from))
      .filter(({ atMs }) => atMs >= sinceMs);
  }

  /** Files of the plan that do not lie on their appliance with the right hash, as read from the disk here. */
  missing(): string[] {
    const plan = this.plane.control.placement()?.plan;
    return (plan?.assignment ?? []).flatMap(({ fileId, serverIds }) => {
      const bundle = this.bundles.get(fileId);
      return serverIds.flatMap((id) =>
        (bundle?.files ?? [{ path: `${fileId} is not known`, sha256: "" }])
          .filter(
            ({ path, sha256 }) => hashOf(join(this.folder, id, "v", bundle?.titleId ?? "", path)) !== sha256,
          )
          .map(({ path }) => `${id}: ${fileId} ${path}`),
      );
    });
  }
}

export async function openInstallation(
  t: Scope,
  order: { readonly titles: number; readonly ids: readonly string[]; readonly spare: readonly string[] },
): Promise<Installation> {
  const folder = tempFolder(t);
  const listens = new Map<string, string>();
  for (const id of [...order.ids, ...order.spare]) listens.set(id, await freeListen());
  const originListen = await freeListen();
  const plane = await openPlane(folder, {
    settings: { ...settings, reportIntervalMs: 100, playsPerMinute: 100_000 },
    placeSettings: { ...defaultsOf(placeSettings), fillHours: 2, fillNewsMs: 2000, headBytesPercent: 20 },
    pathStrength: strength,
    topology: topologyOf(listens, order.ids, "day"),
    routes: { routes: [] },
    originBaseUrl: `http://${originListen}`,
  });
  atEnd(t, () => plane.close());
  const secrets = await openSecrets(plane.secretsPath);
  const origin = await startOrigin({
    tools,
    folder: join(folder, "store"),
    prefixDir: join(folder, "origin-nginx"),
    listen: originListen,
    keys: secrets.signingKeys,
    settings: { ...defaultsOf(edgeSettings), workers: 1, stopGraceMs: 200 },
    signal: new AbortController().signal,
    onEvent: () => undefined,
  });
  atEnd(t, () => origin.stop());
  const bundles = new Map<string, Bundle>();
  for (let i = 0; i < order.titles; i++)
    await plane.control.publishTitle(makeTitle(folder, `t${i}`, bundles));
  return new Installation(plane, { folder, bundles, listens, secrets, scope: t });
}

/** Published long ago, so that nothing of it is urgent. */
function makeTitle(folder: string, id: string, bundles: Map<string, Bundle>): StoredTitle {
  const small = smallTitle(id, Date.now() - 100 * 86_400_000);
  const video = publish(join(folder, "store"), id, "v360", 2, 180_000);
  const index = publish(join(folder, "store"), id, "index", 1, 5000);
  const renditions = [video, index].map((bundle) => {
    bundles.set(bundle.id, bundle);
    const size = bundle.files.reduce((sum, file) => sum + file.bytes, 0);
    return {
      ...{
        id: bundle.id.slice(id.length + 1),
        kind: bundle === video ? ("video" as const) : ("index" as const),
      },
      ...{ codecs: "avc1.64001f", width: 640, height: 360 },
      ...{ bitrate: bitsPerSecond(400_000), peak: bitsPerSecond(400_000), bytes: bytes(size) },
      files: bundle.files.map((file) => ({ ...file, bytes: bytes(file.bytes) })),
    };
  });
  return { ...small, package: { ...small.package, renditions } };
}

/** Appliances by the first letters of their ids: a1 and a2 stand at site a. */
function topologyOf(listens: ReadonlyMap<string, string>, ids: readonly string[], hours: Hours): SitesFile {
  const zone = zoneWhere(hours === "night" ? 2 : 14);
  const sites = [...new Set(ids.map((id) => id.slice(0, 1)))].map((id) => ({
    ...{ id, name: id, kind: "embedded" as const, zone },
    appliances: ids
      .filter((box) => box.startsWith(id))
      .map((box) => ({
        ...{ id: box, role: "flash" as const, storageBytes: storage, throughputBps: 1e9 },
        listen: listens.get(box) ?? "",
      })),
  }));
  return { sites, viewpoints: [] };
}

/** A time zone in which it is that hour now. "Etc/GMT-5" is five hours ahead of Greenwich. */
function zoneWhere(hour: number): string {
  const ahead = ((((hour - new Date().getUTCHours()) % 24) + 36) % 24) - 12;
  return ahead === 0 ? "UTC" : `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
}

function fetchesIn(path: string, from: string): Fetch[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
  return lines.flatMap((line) => {
    const { time, session, title, path: file, status, bytes: sent, range } = JSON.parse(line);
    if (typeof session !== "string" || !session.startsWith("fill-")) return [];
    const by = session.slice("fill-".length);
    return [{ atMs: time * 1000, by, from, key: `${title}/${file}`, status, bytes: sent, range }];
  });
}

function hashOf(path: string): string | undefined {
  return existsSync(path) ? createHash("sha256").update(readFileSync(path)).digest("hex") : undefined;
}
