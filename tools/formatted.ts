// A file that is written by a program, as the formatter would have it.
import { spawnSync } from "node:child_process";

/** @throws Error when it cannot be read */
export function formatted(path: string, text: string): string {
  const argv = ["node_modules/@biomejs/biome/bin/biome", "check", "--write", `--stdin-file-path=${path}`];
  const done = spawnSync(process.execPath, argv, { input: text, encoding: "utf8", timeout: 60_000 });
  if (done.status !== 0) throw new Error(`${path} cannot be formatted: ${done.stderr}`);
  return done.stdout;
}
