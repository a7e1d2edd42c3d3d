// A file as a source of routes: what another program at the site exports, or a person writes. Looked at again and again, and
// what changed in it is told.
import { readFile, stat } from "node:fs/promises";
import { setTimeout as rest } from "node:timers/promises";
import { readPrefix } from "#bgp/address.ts";
import { feedFaults } from "#bgp/feed-faults.ts";
import { type HeardSession, HeardTable } from "#bgp/heard-table.ts";
import { keyOf, type PrefixKey } from "#bgp/prefix-key.ts";
import type { RouteSource } from "#bgp/route-source.ts";
import type { Log } from "#io/log.ts";
import type { HeardRoute } from "#model/route-feed.ts";
import { Fault } from "#units/fault.ts";
import { heardFile } from "#wire/routes.ts";

export interface HeardFileOrder {
  readonly path: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface FollowedFile {
  /** Not whole before the file was read once. */
  readonly source: RouteSource;
  /** Resolves when the signal has ended. */
  readonly ended: Promise<void>;
}

/** Between two looks at the file, ms. */
const lookMs = 200;

export function followHeardFile(order: HeardFileOrder): FollowedFile {
  const table = new HeardTable();
  return { source: table, ended: follow(order, table) };
}

async function follow({ path, log, signal }: HeardFileOrder, table: HeardTable): Promise<void> {
  let seen = "";
  let complaint = "";
  while (!signal.aborted) {
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const mark = `${mtimeMs} ${size} ${ino}`;
      if (mark !== seen) {
        seen = mark;
        table.set(readSessions(await readFile(path, "utf8")));
        complaint = "";
      }
    } catch (error) {
      const because = error instanceof Error ? error.message : String(error);
      const fault = new Fault(feedFaults.heardFileUnreadable, { path, because }, error);
      if (because !== complaint) log.error(fault.facts, fault.message);
      complaint = because;
    }
    await rest(lookMs, undefined, { signal }).catch(() => undefined);
  }
}

/** @throws Error that says what cannot be read */
export function readSessions(text: string): readonly HeardSession[] {
  const json: unknown = JSON.parse(text);
  const reading = heardFile.safeParse(json);
  if (!reading.success) {
    const [issue] = reading.error.issues;
    throw new Error(`${issue?.path.join(".") || "the whole"}: ${issue?.message ?? "not as wanted"}`);
  }
  return reading.data.sessions.map(({ id, state, routes }) => {
    const heard = new Map<PrefixKey, HeardRoute>();
    for (const { prefix, asPath, med } of routes) {
      const reading = readPrefix(prefix);
      if (reading.kind === "refused") throw new Error(`session ${id}: ${reading.because}`);
      heard.set(keyOf(reading.prefix), { asPathLength: asPath.length, med, neighbourAs: asPath[0] ?? 0 });
    }
    return { id, state, routes: heard };
  });
}
