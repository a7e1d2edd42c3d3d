// Debian's memcached. It holds nothing on a disk: what it knew is gone with its process.
import { type EngineOptions, freePorts, listens, type RunningEngine, startEngine } from "./engine-process.ts";
import { unprivileged } from "./unprivileged.ts";

export interface RunningMemcached extends RunningEngine {
  readonly port: number;
}

const startMs = 10_000;
const memoryMiB = 64;

export async function startMemcached(options: EngineOptions): Promise<RunningMemcached> {
  const { folder, signal } = options;
  const [port = 0] = await freePorts(1);
  const owner = await unprivileged("memcache");
  const engine = await startEngine(options, async () => ({
    name: "memcached",
    folder,
    command: "memcached",
    argv: ["-l", "127.0.0.1", "-p", `${port}`, "-U", "0", "-m", `${memoryMiB}`, "-c", "256", "-t", "2"],
    owner,
    signal,
    startMs,
    isReady: () => listens(port),
  }));
  return Object.assign(engine, { port });
}
