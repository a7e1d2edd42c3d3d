// A listener in a process of its own, and what it has to say of itself.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface Heard {
  readonly v4: number;
  readonly v6: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
  readonly events: number;
  readonly updates: number;
}

export interface ListenerProcess {
  readonly port: number;
  readonly heard: Promise<Heard>;
}

export function heardRow(what: string, heard: Heard): Record<string, string | number> {
  const prefixes = heard.v4 + heard.v6;
  return {
    what,
    prefixes,
    updates: heard.updates,
    seconds: heard.seconds.toFixed(2),
    prefixesPerSecond: Math.round(prefixes / heard.seconds),
    prefixesPerCpuSecond: Math.round(prefixes / heard.cpuSeconds),
    listenerCpuSeconds: heard.cpuSeconds.toFixed(2),
    listenerPeakMiB: Math.round(heard.peakMiB),
  };
}

/** A listener in a process of its own. */
export async function listener(address: string, as: number, events: string): Promise<ListenerProcess> {
  const child = spawn(process.execPath, ["bench/bgp-listen.ts", address, String(as), events], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = linesOf(child);
  const { port }: { port: number } = JSON.parse(await lines());
  return { port, heard: lines().then((line) => JSON.parse(line)) };
}

function linesOf(child: ChildProcess): () => Promise<string> {
  const { stdout } = child;
  if (stdout === null) throw new Error("the listener has no output");
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  return async () => {
    const next = await lines.next();
    if (next.done === true) throw new Error(`the listener ended early (${child.exitCode})`);
    return next.value;
  };
}
