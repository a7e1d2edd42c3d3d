// Who is to hold which file of a site, in columns: a list for each of a hundred thousand files would be most of the memory.

import { nobody, type PreviousColumns } from "#place/columns.ts";
import type { PlannedColumns } from "#place/engine.ts";

/** Holders of file i are `servers[starts[i]]` up to before `servers[starts[i + 1]]`, as numbers in `serverIds`. */
export interface Placed {
  readonly serverIds: readonly string[];
  readonly starts: Uint32Array;
  readonly servers: Uint16Array;
  /** As place/plan.ts numbers them for the next plan: 0 hole, 1 head, 2 popular, 3 tail. Undefined: there are no bands. */
  readonly bands: Uint8Array | undefined;
}

/** The plan's columns, with the head's files written out. */
export function placedByPlan(made: PlannedColumns, serverIds: readonly string[]): Placed {
  const { band, everywhere, popularBands } = made;
  const starts = new Uint32Array(band.length + 1);
  const isHead = (file: number): boolean => band[file] === 1;
  for (let file = 0; file < band.length; file++) {
    const own = (made.starts[file + 1] ?? 0) - (made.starts[file] ?? 0);
    starts[file + 1] = (starts[file] ?? 0) + (isHead(file) ? everywhere.length : own);
  }
  const servers = new Uint16Array(starts[band.length] ?? 0);
  for (let file = 0; file < band.length; file++) {
    const own = made.boxes.subarray(made.starts[file] ?? 0, made.starts[file + 1] ?? 0);
    servers.set(isHead(file) ? everywhere : own, starts[file] ?? 0);
  }
  const bands = band.map((code) => (code < 2 ? code : code - 2 < popularBands ? 2 : 3));
  return { serverIds, starts, servers, bands };
}

export function placedByLists(
  fileIds: readonly string[],
  serverIds: readonly string[],
  holdersOf: (fileId: string) => readonly string[],
): Placed {
  const numbers = new Map(serverIds.map((id, number) => [id, number]));
  const starts = new Uint32Array(fileIds.length + 1);
  const servers: number[] = [];
  for (const [file, id] of fileIds.entries()) {
    for (const holder of holdersOf(id)) servers.push(numbers.get(holder) ?? nobody);
    starts[file + 1] = servers.length;
  }
  return { serverIds, starts, servers: Uint16Array.from(servers), bands: undefined };
}

/** For the plan after it: of servers that are numbered otherwise by now, and of more files. */
export function previousColumns(
  { serverIds, starts, servers, bands }: Placed,
  cutoff: number,
  now: { readonly serverIds: readonly string[]; readonly files: number },
): PreviousColumns {
  const numbers = new Map(now.serverIds.map((id, number) => [id, number]));
  const renumbered = serverIds.map((id) => numbers.get(id) ?? nobody);
  const longer = new Uint32Array(now.files + 1).fill(servers.length);
  longer.set(starts);
  const of = new Uint8Array(now.files);
  if (bands !== undefined) of.set(bands);
  return {
    cutoff,
    starts: longer,
    boxes: servers.map((number) => renumbered[number] ?? nobody),
    bands: bands && { of, count: 2 },
  };
}

/** Lists of holders, each made once: a hundred thousand files have few different ones. */
export class HolderLists {
  private readonly placed: Placed;
  private readonly known = new Map<number, readonly string[]>();

  constructor(placed: Placed) {
    this.placed = placed;
  }

  /** In the plan's order. */
  of(file: number): readonly string[] {
    const { starts, servers } = this.placed;
    const [from, to] = [starts[file] ?? servers.length, starts[file + 1] ?? servers.length];
    // So many numbers of at most 26 boxes fit in one that is exact.
    if (to - from > exactNumbers) return this.read(from, to);
    let name = 0;
    for (let at = from; at < to; at++) name = name * base + (servers[at] ?? 0) + 1;
    const found = this.known.get(name);
    if (found !== undefined) return found;
    const list = this.read(from, to);
    this.known.set(name, list);
    return list;
  }

  private read(from: number, to: number): readonly string[] {
    const { serverIds, servers } = this.placed;
    return Array.from(servers.subarray(from, to), (number) => serverIds[number] ?? "");
  }
}

const base = 32;
const exactNumbers = 10;
