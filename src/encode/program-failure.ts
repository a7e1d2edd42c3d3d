// Whose fault it is that a program ended badly: the machine's (no disk, no memory, a limit, a kill) or not. A film must not be
// called damaged for what the machine lacks.

export type MachineFailure = "disk-full" | "out-of-memory" | "cpu-limit" | "file-limit" | "killed";

/** Source: signal(7), x86 and ARM. */
const signals = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL: 9,
  SIGTERM: 15,
  SIGXCPU: 24,
  SIGXFSZ: 25,
} as const;
const asked: readonly number[] = [signals.SIGHUP, signals.SIGINT, signals.SIGQUIT, signals.SIGTERM];
const mostSignal = 31;

/**
 * The signal that ended a program. Through the walls a signal comes as 128 + its number, as from a shell; ffmpeg catches
 * some, closes its files and says "Exiting normally, received signal 24."
 */
export function signalOf(status: unknown, stderr: string): number | undefined {
  const told = /^Exiting normally, received signal (\d+)\b/m.exec(stderr);
  if (told !== null) return Number(told[1]);
  if (typeof status === "number") {
    return status > 128 && status <= 128 + mostSignal ? status - 128 : undefined;
  }
  return Object.entries(signals).find(([name]) => name === status)?.[1];
}

/**
 * Undefined when nothing points to the machine. `stderr` is what the program said last, more than its last lines: after a
 * write has failed, encoders still print their sums. What a film's tags say stands indented there, and is not believed.
 */
export function machineFailure(status: unknown, stderr: string): MachineFailure | undefined {
  if (/^\S.*(no space left on device|disk quota exceeded)/im.test(stderr)) return "disk-full";
  const signal = signalOf(status, stderr);
  if (signal === signals.SIGXCPU) return "cpu-limit";
  if (signal === signals.SIGXFSZ || /^\S.*file too large/im.test(stderr)) return "file-limit";
  if (/^(\S.*)?cannot allocate memory/im.test(stderr)) return "out-of-memory";
  if (signal === signals.SIGKILL || (signal !== undefined && asked.includes(signal))) return "killed";
  return undefined;
}

/** Whether a program may fare better a second time: a signal ended it that no limit sent, or it hung. */
export function isCrash(code: string, status: unknown, stderr: string): boolean {
  if (code === "process-timeout") return true;
  if (code !== "process-failed") return false;
  const failure = machineFailure(status, stderr);
  return failure === "killed" || (failure === undefined && signalOf(status, stderr) !== undefined);
}
