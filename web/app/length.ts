// How long a film is, in words of the language spoken.
import type { Say } from "#web/words/say.ts";
import type { viewerEn } from "./viewer-en.ts";

/** "48 s", "12 min", "1 h 47 min"; what is not a length is "–". */
export function lengthWords(ms: number, say: Say<typeof viewerEn>): string {
  if (!Number.isFinite(ms) || ms < 0) return "–";
  if (ms < 99_500) return say("lengthSeconds", { seconds: Math.round(ms / 1000) });
  const all = Math.round(ms / 60_000);
  const [hours, minutes] = [Math.floor(all / 60), all % 60];
  if (hours === 0) return say("lengthMinutes", { minutes });
  return minutes === 0 ? say("lengthHours", { hours }) : say("lengthHoursMinutes", { hours, minutes });
}
