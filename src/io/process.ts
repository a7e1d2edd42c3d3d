// Runs other programs: argv is a list, every run has a deadline, and an abort stops the whole child.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { Fault } from "#units/fault.ts";
import type { Milliseconds } from "#units/quantity.ts";
import { ioFaults } from "./faults.ts";

export interface Run {
  readonly argv: readonly [program: string, ...args: string[]];
  readonly signal: AbortSignal;
  readonly deadline: Milliseconds;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each chunk of standard error, for progress. */
  readonly onStderr?: (text: string) => void;
  /** 0 (normal) to 19 (gentlest). */
  readonly nice?: number;
  /** For long work: the kernel kills the program when this process dies, however it dies. Where setpriv is there. */
  readonly orphan?: "dies";
  /**
   * `open`: standard input is a pipe that nothing is written to. It ends when the run is stopped or this process dies,
   * however it dies, and the program is expected to end with it. Otherwise there is no standard input.
   */
  readonly stdin?: "open";
  /** Called with each chunk of standard output, of which nothing is kept then. */
  readonly onStdout?: (text: string) => void;
  /** Largest standard output; more is an error. Default 64 MiB where it is kept, else 4 GiB. */
  readonly maxOutputBytes?: number;
}

export interface Finished {
  readonly stdout: string;
  /** The last 64 KiB. */
  readonly stderr: string;
  readonly wallMs: number;
}

const keptStderr = 64 * 1024;
const mostKept = 64 * 2 ** 20;
const mostHeard = 4 * 2 ** 30;
const graceMs = 2000;
const setpriv = "/usr/bin/setpriv";

/**
 * Runs a program to its end and returns what it printed.
 *
 * @throws Fault process-missing, process-arguments, process-failed (status ≠ 0), process-timeout; the signal's reason when aborted
 */
export async function run(order: Run): Promise<Finished> {
  order.signal.throwIfAborted();
  const begun = performance.now();
  const child = started(order);
  const stopped: { why: "deadline" | "abort" | "output" | undefined } = { why: undefined };
  const stop = (why: "deadline" | "abort" | "output"): void => {
    stopped.why ??= why;
    if (order.stdin === "open") child.stdin?.destroy();
    else child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), graceMs).unref();
  };
  child.once("exit", () => {
    if (stopped.why !== undefined && isWalled(order)) endGroup(child);
  });
  const onAbort = (): void => stop("abort");
  order.signal.addEventListener("abort", onAbort, { once: true });
  const endClock = startClock(order.deadline, () => stop("deadline"));

  const out: Buffer[] = [];
  let outBytes = 0;
  let stderr = "";
  const { onStdout, maxOutputBytes = onStdout === undefined ? mostKept : mostHeard } = order;
  const text = new StringDecoder("utf8");
  child.stdout?.on("data", (chunk: Buffer) => {
    outBytes += chunk.length;
    if (outBytes > maxOutputBytes) stop("output");
    else if (onStdout === undefined) out.push(chunk);
    else onStdout(text.write(chunk));
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-keptStderr);
    order.onStderr?.(text);
  });

  try {
    const status = await new Promise<number | string>((resolve, reject) => {
      child.on("error", (error) => reject(missing(order.argv[0], error)));
      child.on("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
    });
    if (stopped.why === "abort") order.signal.throwIfAborted();
    if (stopped.why === "deadline") {
      throw new Fault(ioFaults.processTimeout, {
        program: order.argv[0],
        seconds: Math.round(order.deadline / 1000),
      });
    }
    if (status !== 0 || stopped.why === "output") {
      const tail = stderr.trim().split("\n").slice(-5).join(" | ").slice(-1500);
      throw new Fault(ioFaults.processFailed, {
        program: order.argv[0],
        status: stopped.why === "output" ? "too much output" : status,
        stderr: tail,
      });
    }
    return { stdout: Buffer.concat(out).toString("utf8"), stderr, wallMs: performance.now() - begun };
  } finally {
    endClock();
    order.signal.removeEventListener("abort", onAbort);
  }
}

/** What is wrong with the command line itself is thrown at once; everything else is the child's "error" event. */
function started(order: Run): ChildProcess {
  const [program, ...args] = wrapped(order);
  try {
    return spawn(program, args, {
      stdio: [order.stdin === "open" ? "pipe" : "ignore", "pipe", "pipe"],
      detached: isWalled(order),
      ...(order.cwd === undefined ? {} : { cwd: order.cwd }),
      ...(order.env === undefined ? {} : { env: { ...order.env } }),
    });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "E2BIG")) throw error;
    const sizes = args.map((arg) => Buffer.byteLength(arg) + 1);
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const facts = { program: order.argv[0], bytes, longest: Math.max(...sizes) };
    throw new Fault(ioFaults.processArguments, facts, error);
  }
}

/**
 * Stopped in the milliseconds before its walls stand, bubblewrap leaves its inner half behind: it waits for a word of the outer one,
 * for ever, and holds the pipes open that we wait for the end of. By then both are still in one group.
 */
function isWalled({ argv }: Run): boolean {
  return argv[0] === "bwrap";
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // Nobody of it is left, the usual case, or only who has changed user since.
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
}

const tickMs = 500;

/**
 * Calls `late` once this process has been awake for `limit`. Time it was stopped (Ctrl-Z, a suspended machine) does not
 * count: the program it waits for may have been stopped too, or have ended meanwhile without being heard.
 */
function startClock(limit: Milliseconds, late: () => void): () => void {
  let [awake, last] = [0, performance.now()];
  const step = Math.min(tickMs, limit);
  const timer = setInterval(() => {
    const now = performance.now();
    awake += Math.min(now - last, 2 * step);
    last = now;
    if (awake >= limit) late();
  }, step);
  return () => clearInterval(timer);
}

/** Source: setpriv(1), prctl(2) PR_SET_PDEATHSIG, which stays over exec. */
function wrapped({ argv, nice, orphan }: Run): Run["argv"] {
  const gentle: Run["argv"] = nice === undefined ? argv : ["nice", "-n", `${nice}`, ...argv];
  return orphan === "dies" && existsSync(setpriv)
    ? [setpriv, "--pdeathsig", "KILL", "--", ...gentle]
    : gentle;
}

function missing(program: string, error: Error): Fault {
  return new Fault(ioFaults.processMissing, { program, reason: error.message }, error);
}
