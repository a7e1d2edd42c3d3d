import { exitUsage } from "./program.ts";

/**
 * What is wrong with how a command was called: options it does not know, words too many, values it needs. The command
 * line parser lets unknown options pass silently, so that a typing error would change nothing.
 */
export function usageComplaints(
  args: Readonly<Record<string, unknown>> & { readonly _: readonly string[] },
  order: {
    readonly options: readonly string[];
    readonly needed: readonly string[];
    readonly words: number;
  },
): string[] {
  const known = new Set(["_", ...order.options, ...order.needed]);
  const unknown = Object.keys(args).filter((name) => !known.has(name));
  const missing = order.needed.filter((name) => args[name] === undefined || args[name] === "");
  return [
    ...unknown.map((name) => `--${name} is not an option of this command`),
    ...missing.map((name) => `${name} is missing`),
    ...args._.slice(order.words).map((word) => `"${word}" is one word too many`),
  ];
}

/** Says the complaints, if any, and sets the exit status for wrong usage. */
export function refusedUsage(complaints: readonly string[], example: string): boolean {
  if (complaints.length === 0) return false;
  process.stderr.write(`${complaints.join("\n")}\nusage: ${example}\n`);
  process.exitCode = exitUsage;
  return true;
}
