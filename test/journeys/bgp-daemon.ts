// A routing daemon with a folder of its own: started, killed, and gone with the test.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A prefix that a daemon is to announce, with the AS numbers after its own. */
export interface Said {
  readonly prefix: string;
  readonly via?: readonly number[];
  readonly med?: number;
}

export interface Daemon {
  readonly folder: string;
  /** Its process id. */
  run(program: string, argv: readonly string[]): number | undefined;
  /** What it wrote so far, over all its lives. */
  log(): string;
  /** As a crash would: no word to anybody. */
  kill(): Promise<void>;
}

export function daemonIn(t: TestContext, prefix: string): Daemon {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  const logFile = join(folder, "log");
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    const gone = child;
    child = undefined;
    if (gone === undefined || gone.exitCode !== null || gone.signalCode !== null) return;
    const ended = new Promise((resolve) => gone.once("exit", resolve));
    gone.kill("SIGKILL");
    await ended;
  };
  t.after(async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    folder,
    run: (program, argv) => {
      const log = openSync(logFile, "a");
      child = spawn(program, argv, { stdio: ["ignore", log, log] });
      closeSync(log);
      return child.pid;
    },
    log: () => (existsSync(logFile) ? readFileSync(logFile, "utf8") : ""),
    kill,
  };
}

/** The lines that a listener shows of what was said, sorted. */
export function linesOf(as: number, ...said: readonly Said[]): readonly string[] {
  return said
    .map(
      ({ prefix, via = [], med }) =>
        `${prefix} via ${[as, ...via].join(" ")}${med === undefined ? "" : `, med ${med}`}`,
    )
    .sort();
}
