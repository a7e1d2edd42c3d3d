// What an appliance does for viewers that ask for a file it does not hold, from its settings and its plan.
import { hash64 } from "#units/hash.ts";
import type { Bytes } from "#units/quantity.ts";
import type { WantedBundle } from "./fill-state.ts";
import { isBaseUrl, pullAddress } from "./nginx-miss.ts";
import type { MissState, PulledTitle, PullState, Redirect } from "./nginx-state.ts";

export interface MissWish {
  readonly answer: "404" | "302" | "307";
  /** How many titles, from the plan's first on, are pulled; 0 means none. */
  readonly pullTitles: number;
  readonly pullBytes: Bytes;
  /** Where pulled bytes are kept. */
  readonly folder: string;
}

type Planned = Pick<WantedBundle, "id" | "titleId" | "sources" | "files">;

export function missState(wish: MissWish, plan: readonly Planned[]): MissState {
  return { redirect: redirectTo(wish, plan), pull: pullFrom(wish, plan) };
}

/** The origin holds everything; the first one that the plan names is the next source. */
function redirectTo({ answer }: MissWish, plan: readonly Planned[]): Redirect | undefined {
  if (answer === "404") return undefined;
  const baseUrl = plan
    .flatMap(({ sources }) => sources.filter((source) => source.kind === "origin"))
    .map((source) => source.baseUrl.replace(/\/$/, ""))
    .find(isBaseUrl);
  return baseUrl === undefined ? undefined : { status: answer === "302" ? 302 : 307, baseUrl };
}

/**
 * Each of the first titles from the best source that nginx can use.
 *
 * nginx takes no notice of case where it looks up a title: of two that differ in nothing else, the first is pulled.
 */
function pullFrom(wish: MissWish, plan: readonly Planned[]): PullState | undefined {
  const titles = new Set<string>();
  const sources = new Map<string, PulledTitle[]>();
  for (const { titleId, sources: offered } of plan) {
    if (titles.has(titleId.toLowerCase())) continue;
    if (titles.size >= wish.pullTitles) break;
    titles.add(titleId.toLowerCase());
    const address = offered.map(({ baseUrl }) => pullAddress(baseUrl.replace(/\/$/, ""))).find(Boolean);
    if (address === undefined) continue;
    const version = versionOf(address, titleId, plan);
    sources.set(address, [...(sources.get(address) ?? []), { id: titleId, version }]);
  }
  if (sources.size === 0) return undefined;
  const rows = [...sources].map(([address, of]) => ({ address, titles: of }));
  return { folder: wish.folder, bytes: wish.pullBytes, sources: rows };
}

/**
 * Of a title that was packed anew, no byte that was pulled before is any good. Nor may slices of one file come from two
 * sources: their entity tags differ, and nginx would break off in the middle.
 */
function versionOf(address: string, titleId: string, plan: readonly Planned[]): string {
  const files = plan
    .filter((bundle) => bundle.titleId === titleId)
    .flatMap((bundle) => bundle.files.map(({ path, sha256 }) => `${path} ${sha256}`));
  const halves = hash64([address, ...files.sort()].join("\n"));
  return halves.map((half) => half.toString(16).padStart(8, "0")).join("");
}
