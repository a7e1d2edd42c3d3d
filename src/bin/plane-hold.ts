// The hold of a database server, as programs with a control plane in them take it and lose it.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type Secrets, secretsDigest } from "#control/io/secrets.ts";
import { controlSettings } from "#control/settings.ts";
import { dataFaults } from "#data/faults.ts";
import { openHold } from "#data/io/plane-hold.ts";
import type { PlaneHold } from "#data/ports-plane.ts";
import { dataSettings } from "#data/settings.ts";
import { systemClock } from "#io/clock.ts";
import { readIfThere, writeWhole } from "#io/files.ts";
import { Fault } from "#units/fault.ts";
import { exitFailed, homeFolder, inWords, settingsOf } from "./program.ts";

/** Beyond the grace time that a control plane gives requests under way. */
const lingerMs = 2000;

export interface Holding {
  readonly hold: PlaneHold;
  /** Of this machine's event log, made once. */
  readonly logName: string;
}

/** Undefined: the embedded database, whose folder lets one process in anyway. */
export async function holdDatabase(order: {
  readonly standBy: boolean;
  readonly secrets: Secrets;
  readonly signal: AbortSignal;
  readonly onNote: (text: string) => void;
}): Promise<Holding | undefined> {
  const settings = settingsOf(dataSettings);
  const { databaseUrl } = settings;
  if (databaseUrl === "") {
    if (order.standBy) throw new Fault(dataFaults.standByAlone);
    return undefined;
  }
  const secrets = secretsDigest(order.secrets);
  const home = homeFolder();
  const logName = await nameIn(join(home, "log-name"));
  const folder = join(home, "db");
  const hold = await openHold({ ...order, databaseUrl, folder, settings, secrets, clock: systemClock });
  endInTime(hold.lost);
  return { hold, logName };
}

async function nameIn(file: string): Promise<string> {
  const known = await readIfThere(file);
  if (known !== undefined) return known.trim();
  const fresh = randomUUID();
  await writeWhole(file, `${fresh}\n`);
  return fresh;
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
