// ffprobe for the packager's second opinion: inside the sandbox, as every program that opens a film.
import { resolve } from "node:path";
import { encodeFaults } from "#encode/faults.ts";
import type { EncodeOrder } from "#encode/io/encode-order.ts";
import { openWorkshop } from "#encode/io/workshop.ts";
import type { RunProbe } from "#pack/io/second-opinion.ts";
import { Fault } from "#units/fault.ts";

/** @throws Fault encode-program-missing, encode-no-sandbox */
export async function probeFor({
  tools,
  settings,
  signal,
}: Pick<EncodeOrder, "tools" | "settings" | "signal">): Promise<RunProbe> {
  const { ffprobe } = tools;
  if (ffprobe === undefined) throw new Fault(encodeFaults.programMissing, { program: "ffprobe" });
  const workshop = await openWorkshop(tools, settings, signal);
  return ({ args, folder, filmSeconds, signal: stop }) => {
    const within = resolve(folder);
    return workshop.run({ tool: ffprobe, args, reads: [within], within, filmSeconds, signal: stop });
  };
}
