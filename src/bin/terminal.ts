// What a person sees while the river fills: one line per stage, with what was found.
import { createColors } from "picocolors";

export interface StageLine {
  /** Replaces what stands behind the stage's name while it works. */
  progress(text: string): void;
  done(text: string): void;
  failed(text: string): void;
}

export interface Terminal {
  stage(name: string): StageLine;
  /** A free line: an address, a warning, an account. */
  say(text: string): void;
  warn(text: string): void;
}

const plainEveryMs = 10_000;

/**
 * Writes to standard error. On a terminal the running stage is redrawn in place; otherwise (`plain`) a running stage
 * says where it is every 10 s, and nothing is coloured.
 */
export function openTerminal(order: { readonly plain: boolean; readonly stages: number }): Terminal {
  const out = process.stderr;
  const live = out.isTTY === true && !order.plain;
  const paint = createColors(live);
  let number = 0;

  const stage = (name: string): StageLine => {
    number += 1;
    const label = `[${`${number}`.padStart(2)}/${order.stages}] ${name.padEnd(14)}`;
    const begun = performance.now();
    let lastPlain = begun;
    const took = (): string => `${((performance.now() - begun) / 1000).toFixed(1)} s`;
    const end = (mark: string, text: string): void => {
      out.write(`${live ? "\r\x1b[2K" : ""}${paint.dim(label)} ${text}  ${paint.dim(took())} ${mark}\n`);
    };
    if (live) out.write(`${paint.dim(label)} …`);
    return {
      progress(text) {
        if (live)
          out.write(
            `\r\x1b[2K${paint.dim(label)} ${text.slice(0, Math.max(20, (out.columns ?? 100) - label.length - 3))}`,
          );
        else if (performance.now() - lastPlain > plainEveryMs) {
          lastPlain = performance.now();
          out.write(`${label} … ${text}\n`);
        }
      },
      done: (text) => end(paint.green("✓"), text),
      failed: (text) => end(paint.red("✗"), text),
    };
  };
  return {
    stage,
    say: (text) => void out.write(`${text}\n`),
    warn: (text) => void out.write(`${paint.yellow("!")} ${text}\n`),
  };
}

/** "▓▓▓▓░░░░░░" */
export function bar(share: number, width = 16): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return "▓".repeat(full) + "░".repeat(width - full);
}

export function countdown(etaSeconds: number | undefined): string {
  if (etaSeconds === undefined) return "";
  const whole = Math.max(0, Math.round(etaSeconds));
  return `ETA ${Math.floor(whole / 60)}:${`${whole % 60}`.padStart(2, "0")}`;
}

/** "4.1 MB" */
export function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

export function kilobits(bitsPerSecond: number): string {
  return bitsPerSecond >= 1e6
    ? `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`
    : `${Math.round(bitsPerSecond / 1000)} kbit/s`;
}
