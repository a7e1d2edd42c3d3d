// Every fault of the table in src/edge/README.md, made for a real appliance with viewers: what was expected, and what was seen.
import { shimMissing } from "#test/journeys/fault-shim.ts";
import { type FaultRow, faultRows } from "./edge-fault-list.ts";
import type { Row } from "./edge-figures.ts";
import { scoped } from "./edge-scope.ts";

export async function faultsTable(
  signal: AbortSignal,
  faults: readonly FaultRow[] = faultRows,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const fault of faults) {
    signal.throwIfAborted();
    rows.push({ part: "faults", fault: fault.fault, expected: fault.expected, ...(await look(fault)) });
  }
  return rows;
}

/** What does not come true in its time is a row as well: the others are looked at all the same. */
async function look({ needsGcc, look: inject }: FaultRow): Promise<{ seen: string; holds: string }> {
  if (needsGcc === true && shimMissing !== false) return { seen: `not looked at: ${shimMissing}`, holds: "" };
  try {
    const { seen, holds } = await scoped(inject);
    return { seen, holds: String(holds) };
  } catch (error) {
    return { seen: error instanceof Error ? error.message : String(error), holds: "false" };
  }
}
