// Puts a new agent in the old one's place, while nginx serves on and what was verified stays verified.
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "#io/process.ts";
import { milliseconds } from "#units/quantity.ts";

/** What is asked of the service's manager. */
export interface Manager {
  /** Of the agent; 0 while none runs. */
  mainPid(): Promise<number>;
  kill(name: "SIGUSR2" | "SIGKILL"): Promise<void>;
  start(): Promise<void>;
  /** A moment between two looks. */
  pause(): Promise<void>;
}

/** An agent in the middle of a file's checksum leaves within seconds; this is for a disk that hangs. */
const looks = 240;
const pauseMs = 250;
const commandMs = 60_000;

/**
 * SIGUSR2 asks the agent to leave with its proofs ([ED85], [ED87]); one that does not is killed, and the next hashes all.
 *
 * systemd starts the next one by itself (Restart=always).
 */
export async function handOver(manager: Manager): Promise<"handed-over" | "killed" | "started"> {
  const old = await manager.mainPid();
  if (old === 0) {
    await manager.start();
    return "started";
  }
  await manager.kill("SIGUSR2");
  for (let look = 0; look < looks; look++) {
    if ((await manager.mainPid()) !== old) return "handed-over";
    await manager.pause();
  }
  await manager.kill("SIGKILL");
  return "killed";
}

/** Source: systemctl(1), kill and show. */
export function systemdManager(service: string, signal: AbortSignal): Manager {
  const systemctl = (...words: readonly string[]) =>
    run({ argv: ["systemctl", ...words], signal, deadline: milliseconds(commandMs) });
  return {
    mainPid: async () =>
      Number((await systemctl("show", "--property=MainPID", "--value", service)).stdout.trim()),
    kill: async (name) => {
      await systemctl("kill", "--kill-whom=main", `--signal=${name}`, service);
    },
    start: async () => {
      await systemctl("start", service);
    },
    pause: () => sleep(pauseMs, undefined, { signal }),
  };
}
