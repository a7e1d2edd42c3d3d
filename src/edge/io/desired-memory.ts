// The last desired state that was taken over, kept for the next start.
import { complaintAbout } from "#edge/desired.ts";
import { ownerOnly, readIfThere, writeWhole } from "#io/files.ts";
import type { Log } from "#io/log.ts";
import { type DesiredState, desiredState } from "#wire/appliance.ts";

/** The state of an earlier run; a file that is no such thing is as good as none. */
export async function recallDesired(path: string, log: Log): Promise<DesiredState | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  const parsed = desiredState.safeParse(jsonOf(text));
  if (parsed.success && complaintAbout(parsed.data) === undefined) return parsed.data;
  log.warn({ file: path }, "the remembered state is unreadable and was not used");
  return undefined;
}

export async function keepDesired(path: string, desired: DesiredState): Promise<void> {
  await writeWhole(path, JSON.stringify(desired), ownerOnly);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
