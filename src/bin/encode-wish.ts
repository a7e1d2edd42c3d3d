// Settings of encode in two parts: those that change what comes out belong to whoever orders an encode, those of the machine to
// whoever runs it.
import { readSettings, type Values } from "#config/setting.ts";
import { encodeSettings } from "#encode/settings.ts";

type Table = typeof encodeSettings;

const ofTheMachine: ReadonlySet<string> = new Set<keyof Table>([
  ...(["jobs", "nice", "unsafeNoSandbox", "sandboxMemory", "deadlineFactor"] as const),
  ...(["claimSeconds", "roomCheck"] as const),
]);

/** By name, as text: what an encode is ordered with. */
export function orderedSettings(values: Values<Table>): Readonly<Record<string, string>> {
  const given: Readonly<Record<string, string | number>> = values;
  return Object.fromEntries(
    Object.entries(encodeSettings)
      .filter(([key]) => !ofTheMachine.has(key))
      .map(([key, row]) => [row.name, `${given[key]}`]),
  );
}

/** The order's settings on this machine; complaints when it says something that is none. */
export function settingsHere(
  ordered: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string | undefined>>,
): ReturnType<typeof readSettings<Table>> {
  const names = Object.entries(encodeSettings).map(([key, row]): [string, string | undefined] => [
    row.name,
    ofTheMachine.has(key) ? environment[row.name] : ordered[row.name],
  ]);
  return readSettings(encodeSettings, Object.fromEntries(names));
}
