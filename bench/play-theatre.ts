// One showing from its order to what is kept of it: the server at its end of the link, then a viewer at the other.
import { join, resolve } from "node:path";
import { run } from "#io/process.ts";
import { type Milliseconds, milliseconds } from "#units/quantity.ts";
import { type Link, serverAddress } from "./play-link.ts";
import type { Change, Contestant } from "./play-plan.ts";
import { type Showing, seenByPage, serverLog } from "./play-showing.ts";

export interface Theatre {
  readonly link: Link;
  readonly browserPath: string;
  /** Holds the film and the built rule. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

const port = 8080;
export const serverUrl = `http://${serverAddress}:${port}`;
/** Start of a browser on a busy machine, and its end. */
const aroundMs = 180_000;

/** A film may take so much longer than it lasts before a showing has failed. */
export const patienceMs = (untilS: number): number => untilS * 3000 + 30_000;

export async function show(
  { link, browserPath, folder, signal }: Theatre,
  changes: readonly Change[],
  player: Contestant,
  untilS: number,
): Promise<Pick<Showing, "page" | "server">> {
  const deadline = milliseconds(patienceMs(untilS) + aroundMs);
  const folders = { film: join(folder, "film"), abr: join(folder, "built") };
  const closeServer = await openServer(link, folders, changes, deadline);
  try {
    const order = JSON.stringify({ player, untilS, patienceMs: patienceMs(untilS) });
    const program = [process.execPath, "bench/play-viewer.ts", serverUrl, browserPath, order];
    const { stdout } = await run({ argv: [...link.atViewer, ...program], signal, deadline, orphan: "dies" });
    const { page, server } = JSON.parse(stdout);
    return { page: seenByPage.parse(page), server: serverLog.parse(server) };
  } finally {
    await closeServer();
  }
}

/** Serves these folders, the players and their page; returns how to close it. */
export async function openServer(
  link: Link,
  given: Readonly<Record<string, string>>,
  changes: readonly Change[],
  deadline: Milliseconds,
): Promise<() => Promise<void>> {
  const over = new AbortController();
  const folders = { ...given, lib: resolve("node_modules"), page: resolve("test/fixtures/players") };
  const order = JSON.stringify({ host: serverAddress, port, device: link.device, folders, changes });
  const { promise: ready, resolve: isReady, reject } = Promise.withResolvers<void>();
  const serving = run({
    argv: [...link.atServer, process.execPath, "bench/play-server.ts", order],
    ...{ signal: over.signal, deadline, stdin: "open", orphan: "dies" },
    onStdout: () => isReady(),
  }).then(
    () => reject(new Error("the server ended before the film did")),
    // Also when it is closed: nobody waits for it to be ready then.
    (error: unknown) => reject(error),
  );
  await ready;
  return async () => {
    over.abort();
    await serving;
  };
}
