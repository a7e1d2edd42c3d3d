// One showing from its order to what is kept of it: the server at its end of the link, then a viewer at the other.
import { join, resolve } from "node:path";
import { type Run, run } from "#io/process.ts";
import { milliseconds } from "#units/quantity.ts";
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
  const over = new AbortController();
  const folders = {
    ...{ film: join(folder, "film"), abr: join(folder, "built") },
    ...{ lib: resolve("node_modules"), page: resolve("test/fixtures/players") },
  };
  const order = { host: serverAddress, port, device: link.device, folders, changes };
  const { promise: ready, resolve: isReady, reject } = Promise.withResolvers<void>();
  const serving = run({
    argv: [...link.atServer, process.execPath, "bench/play-server.ts", JSON.stringify(order)],
    ...{ signal: over.signal, deadline: deadlineOf(untilS), stdin: "open", orphan: "dies" },
    onStdout: () => isReady(),
  }).then(
    () => reject(new Error("the server ended before the film did")),
    (error: unknown) => reject(error),
  );
  try {
    await ready;
    const { stdout } = await run(viewing());
    const { page, server } = JSON.parse(stdout);
    return { page: seenByPage.parse(page), server: serverLog.parse(server) };
  } finally {
    over.abort();
    await serving;
  }

  function viewing(): Run {
    const words = JSON.stringify({ player, untilS, patienceMs: patienceMs(untilS) });
    const program = [
      process.execPath,
      "bench/play-viewer.ts",
      `http://${serverAddress}:${port}`,
      browserPath,
    ];
    const argv = [...link.atViewer, ...program, words] as const;
    return { argv, signal, deadline: deadlineOf(untilS), orphan: "dies" };
  }
}

function deadlineOf(untilS: number): ReturnType<typeof milliseconds> {
  return milliseconds(patienceMs(untilS) + aroundMs);
}
