// The hold of a database server, as programs with a control plane in them take it and lose it.
import { join } from "node:path";
import { type Secrets, secretsDigest } from "#control/io/secrets.ts";
import { controlSettings } from "#control/settings.ts";
import { dataFaults } from "#data/faults.ts";
import { openHold } from "#data/io/plane-hold.ts";
import type { PlaneHold } from "#data/ports-plane.ts";
import { dataSettings } from "#data/settings.ts";
import { systemClock } from "#io/clock.ts";
import { Fault } from "#units/fault.ts";
import { exitFailed, homeFolder, inWords, settingsOf } from "./program.ts";

/** Beyond the grace time that a control plane gives requests under way. */
const lingerMs = 2000;

/** Undefined: the embedded database, whose folder lets one process in anyway. */
export async function holdDatabase(order: {
  readonly standBy: boolean;
  readonly secrets: Secrets;
  readonly signal: AbortSignal;
  readonly onNote: (text: string) => void;
}): Promise<PlaneHold | undefined> {
  const settings = settingsOf(dataSettings);
  const { databaseUrl } = settings;
  if (databaseUrl === "") {
    if (order.standBy) throw new Fault(dataFaults.standByAlone);
    return undefined;
  }
  const secrets = secretsDigest(order.secrets);
  const folder = join(homeFolder(), "db");
  const hold = await openHold({ ...order, databaseUrl, folder, settings, secrets, clock: systemClock });
  endInTime(hold.lost);
  return hold;
}

/** Who lost the hold ends by itself. What then waits for a database that does not answer is not waited for. */
function endInTime(lost: AbortSignal): void {
  const end = (): void => {
    process.stderr.write(`${inWords(lost.reason)}\n`);
    process.exit(exitFailed);
  };
  const withinMs = settingsOf(controlSettings).closeGraceMs + lingerMs;
  lost.addEventListener("abort", () => setTimeout(end, withinMs).unref(), { once: true });
}
