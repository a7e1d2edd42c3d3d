// The published files as the fill wants them: where each is planned, how much it is played, and what it is made of. Made anew
// when a title is published or a plan comes into force, not at each report.
import { fileId, isTopIndex } from "#model/package.ts";
import type { PlacementPlan } from "#model/placement.ts";
import type { FillFile } from "#place/fill-facts.ts";
import type { DesiredState } from "#wire/appliance.ts";
import type { Catalogue } from "./catalogue.ts";

export interface Shelf {
  readonly files: ReadonlyMap<string, FillFile>;
  /** By appliance. */
  readonly planned: ReadonlyMap<string, readonly FillFile[]>;
  readonly parts: ReadonlyMap<string, DesiredState["files"][number]["files"]>;
}

export function shelfOf(order: {
  readonly catalogue: Pick<Catalogue, "titles">;
  readonly plan: PlacementPlan | undefined;
  /** Plays a day that are expected of each file. */
  readonly demand: ReadonlyMap<string, number>;
}): Shelf {
  const places = new Map((order.plan?.assignment ?? []).map((file) => [file.fileId, file.serverIds]));
  const files = new Map<string, FillFile>();
  const planned = new Map<string, FillFile[]>();
  const parts = new Map<string, DesiredState["files"][number]["files"]>();
  for (const title of order.catalogue.titles.values()) {
    for (const rendition of title.package.renditions) {
      const id = fileId(title.id, rendition.id);
      const { revisedAtMs = title.publishedAtMs } = title.package;
      const file: FillFile = {
        ...{ id, titleId: title.id, sizeBytes: rendition.bytes },
        // An index with other subtitles is as new, and as urgent, as a new title.
        publishedAtMs: isTopIndex(rendition) ? revisedAtMs : title.publishedAtMs,
        playsPerDay: order.demand.get(id) ?? 0,
        serverIds: places.get(id) ?? [],
      };
      files.set(id, file);
      parts.set(
        id,
        rendition.files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })),
      );
      for (const serverId of file.serverIds) {
        const on = planned.get(serverId);
        if (on === undefined) planned.set(serverId, [file]);
        else on.push(file);
      }
    }
  }
  return { files, planned, parts };
}
