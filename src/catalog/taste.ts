// What a profile may like, from what it watched: EASE. A linear model that predicts each title from the others a profile
// watched, in closed form; a title never predicts itself.
//
//   G = XᵀX + λI      P = G⁻¹      B[i][j] = −P[i][j] / P[j][j],  B[j][j] = 0      score = x·B
//
// x is a profile's row of what it watched, so a viewer who came today is scored like one whom the model knows (fold-in).
// Of each title only the strongest weights are kept. Source: H. Steck, "Embarrassingly Shallow Autoencoders for Sparse
// Data", WWW 2019.
import { invertInPlace } from "./symmetric-inverse.ts";

/** One profile's watching of one title. */
export interface Watched {
  readonly profileId: string;
  readonly titleId: string;
  readonly atMs: number;
}

export interface TasteOrder {
  readonly watched: readonly Watched[];
  /** The titles that most watched are modelled: the cost grows with the cube of their number. */
  readonly mostTitles: number;
  /** λ: the larger, the more cautious. */
  readonly regularisation: number;
  /** Weights kept of each title. */
  readonly neighbours: number;
}

export interface TasteModel {
  /** Title to its strongest weights on others, strongest first. */
  readonly weights: ReadonlyMap<string, readonly TitleWeight[]>;
  /** What it was made of. */
  readonly profiles: number;
  readonly plays: number;
}

export interface TitleWeight {
  readonly titleId: string;
  readonly weight: number;
}

export type Training =
  | { readonly kind: "trained"; readonly model: TasteModel }
  | { readonly kind: "too-little"; readonly because: string };

/** Who watched one title says nothing about two. */
const leastTitles = 2;
const leastProfiles = 2;

export function trainTaste(order: TasteOrder): Training {
  const titles = mostWatched(order.watched, order.mostTitles);
  const index = new Map(titles.map((id, at) => [id, at]));
  const rows = rowsOf(order.watched, index);
  if (titles.length < leastTitles) return tooLittle(`${titles.length} titles were watched`);
  if (rows.length < leastProfiles) return tooLittle(`${rows.length} profiles watched more than one title`);
  const n = titles.length;
  const gram = gramOf(rows, n);
  for (let i = 0; i < n; i++) gram[i * n + i] = (gram[i * n + i] ?? 0) + order.regularisation;
  if (!invertInPlace(gram, n)) return tooLittle("its numbers are beyond what can be computed");
  const weights = new Map(
    titles.map((id, i) => [id, strongest(gram, { n, i, titles, most: order.neighbours })]),
  );
  const plays = rows.reduce((sum, row) => sum + row.length, 0);
  return { kind: "trained", model: { weights, profiles: rows.length, plays } };
}

function tooLittle(because: string): Training {
  return { kind: "too-little", because };
}

/** Ties by id, so that the same history makes the same model. */
export function mostWatched(watched: readonly Watched[], most: number): readonly string[] {
  const viewers = new Map<string, Set<string>>();
  for (const { titleId, profileId } of watched) {
    const known = viewers.get(titleId);
    if (known === undefined) viewers.set(titleId, new Set([profileId]));
    else known.add(profileId);
  }
  const counted = [...viewers].map(([id, profiles]) => ({ id, count: profiles.size }));
  return counted
    .sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1))
    .slice(0, most)
    .map(({ id }) => id);
}

/** Per profile the titles it watched, as indices, each once. Who watched a single one is left out: it relates nothing. */
function rowsOf(watched: readonly Watched[], index: ReadonlyMap<string, number>): readonly Int32Array[] {
  const rows = new Map<string, Set<number>>();
  for (const { profileId, titleId } of watched) {
    const at = index.get(titleId);
    if (at === undefined) continue;
    const row = rows.get(profileId);
    if (row === undefined) rows.set(profileId, new Set([at]));
    else row.add(at);
  }
  return [...rows.values()].filter((row) => row.size > 1).map((row) => Int32Array.from(row));
}

/** How many profiles watched both, for each pair. */
function gramOf(rows: readonly Int32Array[], n: number): Float64Array {
  const gram = new Float64Array(n * n);
  for (const row of rows) {
    for (const i of row) for (const j of row) gram[i * n + j] = (gram[i * n + j] ?? 0) + 1;
  }
  return gram;
}

function strongest(
  inverse: Float64Array,
  order: {
    readonly n: number;
    readonly i: number;
    readonly titles: readonly string[];
    readonly most: number;
  },
): readonly TitleWeight[] {
  const { n, i, titles, most } = order;
  const row = titles.flatMap((titleId, j) => {
    if (j === i) return [];
    return [{ titleId, weight: -(inverse[i * n + j] ?? 0) / (inverse[j * n + j] ?? 1) }];
  });
  return row
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight) || (a.titleId < b.titleId ? -1 : 1))
    .slice(0, most);
}

/** Titles by what a viewer of `seen` may like, best first; what was seen is not among them, nor what nothing speaks for. */
export function tasteFor(
  model: Pick<TasteModel, "weights">,
  seen: readonly string[],
): readonly TitleWeight[] {
  const known = new Set(seen);
  const scores = new Map<string, number>();
  for (const id of known) {
    for (const { titleId, weight } of model.weights.get(id) ?? []) {
      if (!known.has(titleId)) scores.set(titleId, (scores.get(titleId) ?? 0) + weight);
    }
  }
  return [...scores]
    .map(([titleId, weight]) => ({ titleId, weight }))
    .filter(({ weight }) => weight > 0)
    .sort(stronger);
}

/** What goes with one title: "because you watched". */
export function likeTitle(model: Pick<TasteModel, "weights">, titleId: string): readonly TitleWeight[] {
  return (model.weights.get(titleId) ?? []).filter(({ weight }) => weight > 0).toSorted(stronger);
}

function stronger(a: TitleWeight, b: TitleWeight): number {
  return b.weight - a.weight || (a.titleId < b.titleId ? -1 : 1);
}
