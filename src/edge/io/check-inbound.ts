// What arrives here, by downloading for a while, and how far control's clock is from ours.
import { type Told, told, untold } from "#edge/check.ts";
import { type ClockOffset, offsetBy } from "#edge/check-clock.ts";
import type { Inbound } from "#edge/check-network.ts";
import type { Clock } from "#units/clock.ts";

/** Long enough for TCP to find its rate over 200 ms, short enough to wait for. Chosen by us. */
const downloadMs = 8000;
/** One connection alone rarely fills a line. Chosen by us; the nightly fill takes as many. */
const connections = 4;
const answerMs = 5000;

export interface Download {
  readonly url: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Default 8 s. */
  readonly lastsMs?: number;
}

/** Downloads over several connections, again and again, and counts bytes until the time is over. Nothing is kept. */
export async function measureInbound(order: Download): Promise<Told<Inbound>> {
  const { url, clock, signal, lastsMs = downloadMs } = order;
  const end = AbortSignal.any([signal, AbortSignal.timeout(lastsMs)]);
  const count = { bytes: 0 };
  const begun = clock.monoMs();
  const lines = Array.from({ length: connections }, () => download(url, end, count));
  const troubles = (await Promise.all(lines)).filter((trouble) => trouble !== undefined);
  signal.throwIfAborted();
  const seconds = (clock.monoMs() - begun) / 1000;
  const [trouble] = troubles;
  if (trouble !== undefined)
    return untold(`the download failed: ${trouble}`, "Name a file that can be fetched, of 1 GB or so");
  if (count.bytes === 0) return untold("nothing arrived", "Name a file that can be fetched, of 1 GB or so");
  return told({ how: "measured", bps: (count.bytes * 8) / seconds, bytes: count.bytes, seconds });
}

/** Until the time is over; what went wrong before that. */
async function download(
  url: string,
  end: AbortSignal,
  count: { bytes: number },
): Promise<string | undefined> {
  try {
    while (!end.aborted) {
      const answer = await fetch(url, { signal: end, cache: "no-store" });
      if (!answer.ok || answer.body === null) {
        await answer.body?.cancel();
        return `status ${answer.status}`;
      }
      const before = count.bytes;
      for await (const chunk of answer.body) count.bytes += chunk.byteLength;
      if (count.bytes === before) return "an empty file";
    }
    return undefined;
  } catch (error) {
    return end.aborted ? undefined : reasonOf(error);
  }
}

export async function askOffset(order: Omit<Download, "lastsMs">): Promise<Told<ClockOffset>> {
  const { url, clock, signal } = order;
  const mend = "Look whether the control plane runs, and whether this machine reaches it";
  const askedMs = clock.wallMs();
  try {
    const end = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
    const answer = await fetch(new URL("/healthz", url), { signal: end, redirect: "manual" });
    const cameMs = clock.wallMs();
    await answer.body?.cancel();
    const dateMs = Date.parse(answer.headers.get("date") ?? "");
    if (Number.isNaN(dateMs)) return untold("its answer carries no Date", mend);
    return told(offsetBy(dateMs, askedMs, cameMs));
  } catch (error) {
    signal.throwIfAborted();
    return untold(`control did not answer: ${reasonOf(error)}`, mend);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
