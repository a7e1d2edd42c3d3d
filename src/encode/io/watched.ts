// An ffmpeg that works on a whole film is looked at once a second, so that somebody waiting can see it move.
import { open } from "node:fs/promises";
import { join } from "node:path";
import { framesDone, progressArgs, progressFile } from "#encode/progress-text.ts";
import type { Finished } from "#io/process.ts";
import type { WorkOrder, Workshop } from "./workshop.ts";

export interface Watch {
  readonly frames: number;
  /** From 0 to 1: once a second, and when it is done. */
  readonly onShare: (share: number) => void;
}

const pollMs = 1000;
/** One block is a few hundred bytes. */
const tailBytes = 2048;

/** The same run; `-progress` changes nothing of what is made, and so stands in no key. */
export async function runWatched(
  workshop: Workshop,
  order: WorkOrder & { readonly scratch: string },
  watch: Watch | undefined,
): Promise<Finished> {
  if (watch === undefined) return workshop.run(order);
  const path = join(order.scratch, progressFile);
  let isReading = false;
  const look = async (): Promise<void> => {
    if (isReading) return;
    isReading = true;
    const frames = framesDone(await tailOf(path));
    isReading = false;
    if (frames > 0) watch.onShare(Math.min(1, frames / watch.frames));
  };
  const timer = setInterval(() => void look(), pollMs);
  try {
    const finished = await workshop.run({ ...order, args: [...progressArgs, ...order.args] });
    await look();
    return finished;
  } finally {
    clearInterval(timer);
  }
}

/** Empty while there is no such file, and whatever goes wrong: progress is no reason to fail. */
async function tailOf(path: string): Promise<string> {
  const handle = await open(path, "r").catch(() => undefined);
  if (handle === undefined) return "";
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(tailBytes);
    const { bytesRead } = await handle.read(buffer, 0, tailBytes, Math.max(0, size - tailBytes));
    return buffer.toString("latin1", 0, bytesRead);
  } catch {
    return "";
  } finally {
    await handle.close();
  }
}
