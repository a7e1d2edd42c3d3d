// What one appliance should hold, where it may fetch from, and with which keys it checks paths. The state has an epoch,
// so that an agent that already has it is told nothing.
import type { Denial } from "#model/denial.ts";
import { fileId } from "#model/package.ts";
import type { PlacementPlan } from "#model/placement.ts";
import { unitInterval } from "#units/hash.ts";
import type { DesiredState } from "#wire/appliance.ts";
import type { PublishedTitle } from "./catalogue.ts";
import { originId } from "./network.ts";

/** A box that others may fetch from. */
export interface Peer {
  readonly id: string;
  readonly siteId: string;
  readonly baseUrl: string;
  readonly verified: ReadonlySet<string>;
}

export interface DesiredFacts {
  readonly applianceId: string;
  readonly siteId: string;
  readonly plan: PlacementPlan | undefined;
  readonly titles: readonly PublishedTitle[];
  /** Healthy appliances only. */
  readonly peers: readonly Peer[];
  readonly originBaseUrl: string;
  readonly keys: DesiredState["keys"];
  /** The experiment under way, if there is one. */
  readonly broken?: DesiredState["broken"];
  /** What may not be served now. */
  readonly denied?: readonly Denial[];
}

/** A desired state that has no number yet, with a text that is equal exactly when the states are. */
export interface Wanted {
  readonly content: Omit<DesiredState, "epoch">;
  readonly fingerprint: string;
}

/** The number of the state an appliance should be in. */
export interface Numbered {
  readonly fingerprint: string;
  readonly epoch: number;
}

export function wantedBy(facts: DesiredFacts): Wanted {
  const mine = new Set(
    (facts.plan?.assignment ?? [])
      .filter((file) => file.serverIds.some((id) => id === facts.applianceId))
      .map((file) => file.fileId),
  );
  const files = facts.titles.flatMap((title) =>
    title.package.renditions
      .map((rendition) => ({ id: fileId(title.id, rendition.id), rendition }))
      .filter(({ id }) => mine.has(id))
      .map(({ id, rendition }) => ({
        id,
        titleId: title.id,
        files: rendition.files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })),
        sources: sourcesOf(id, facts),
      })),
  );
  const { keys, broken, denied = [] } = facts;
  const content = {
    files,
    keys,
    ...(broken === undefined ? {} : { broken }),
    ...(denied.length === 0 ? {} : { denied: [...denied] }),
  };
  return { content, fingerprint: fingerprintOf(facts, files) };
}

/**
 * The epoch for a wanted state. It grows whenever the state changes, and passes by whatever the agent says it has: after
 * a restart of the control plane the numbers of before must not mean something else.
 */
export function numbered(before: Numbered | undefined, wanted: Wanted, reportedEpoch: number): Numbered {
  if (before?.fingerprint === wanted.fingerprint && reportedEpoch <= before.epoch) return before;
  return { fingerprint: wanted.fingerprint, epoch: Math.max(before?.epoch ?? 0, reportedEpoch) + 1 };
}

/** Peers first, those of the same site before all; among equals each appliance begins with another one. */
function sourcesOf(id: string, facts: DesiredFacts): DesiredState["files"][number]["sources"] {
  const turn = (peer: Peer): number => unitInterval(`${id} ${facts.applianceId} ${peer.id}`);
  const away = (peer: Peer): number => (peer.siteId === facts.siteId ? 0 : 1);
  const peers = facts.peers
    .filter((peer) => peer.id !== facts.applianceId && peer.verified.has(id))
    .toSorted((a, b) => away(a) - away(b) || turn(a) - turn(b))
    .map((peer) => ({ sourceId: peer.id, kind: "peer" as const, baseUrl: peer.baseUrl }));
  return [...peers, { sourceId: originId, kind: "origin", baseUrl: facts.originBaseUrl }];
}

/** A title's package never changes in place but may be replaced: the moment of publishing tells one from the other. */
function fingerprintOf(facts: DesiredFacts, files: DesiredState["files"]): string {
  const published = new Map(facts.titles.map((title) => [title.id, title.publishedAtMs]));
  const lines = files.map((file) => {
    const sources = file.sources.map((source) => `${source.sourceId}=${source.baseUrl}`);
    return `${file.id} ${published.get(file.titleId)} ${sources.join(" ")}`;
  });
  const experiment = facts.broken === undefined ? [] : [JSON.stringify(facts.broken)];
  const denied = (facts.denied ?? []).map(({ kind, id, untilMs }) => `denied ${kind} ${id} ${untilMs}`);
  const keys = facts.keys.map((key) => `${key.kid} ${key.secret}`).join(",");
  return [keys, ...experiment, ...denied, ...lines].join("\n");
}
