// Earlier plans in a folder, as `millrace place plan --json` wrote them: what each moved.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { ChurnBar } from "#draw/churn.ts";
import { placeFaults } from "#place/faults.ts";
import { Fault } from "#units/fault.ts";
import { readJsonFile } from "./json-file.ts";

/** The most recent ones by name; more bars could not be told apart. */
const mostPlans = 60;

const storedPlan = z.object({ predicted: z.object({ churnBytes: z.number().min(0) }) });

/**
 * In the order of their names, so that "2026-11-26.json" sorts as it should.
 *
 * @throws Fault that names the folder or the plan that cannot be read
 */
export async function readHistory(folder: string): Promise<ChurnBar[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fault(placeFaults.noHistory, { path: folder, because: reason }, error);
  });
  const plans = names.filter((name) => name.endsWith(".json")).sort();
  if (plans.length === 0) {
    throw new Fault(placeFaults.noHistory, { path: folder, because: "no file in it ends in .json" });
  }
  const bars: ChurnBar[] = [];
  for (const name of plans.slice(-mostPlans)) {
    const { predicted } = await readJsonFile(join(folder, name), storedPlan);
    bars.push({ label: name.slice(0, -".json".length), bytes: predicted.churnBytes });
  }
  return bars;
}
