// A moment as its distance from now, in the language that is spoken.
import { useCallback } from "react";
import { useWords } from "#web/words/say.ts";
import { panelWords } from "./panel-words.ts";

export type Ago = (thenMs: number, nowMs: number) => string;

export function useAgo(): Ago {
  const say = useWords(panelWords);
  return useCallback(
    (thenMs, nowMs) => {
      const { unit, n } = agoOf(nowMs - thenMs);
      return say(unit, { n });
    },
    [say],
  );
}

interface Distance {
  readonly unit: "justNow" | "secondsAgo" | "minutesAgo" | "hoursAgo" | "daysAgo";
  readonly n: number;
}

/** The largest unit that is not too coarse: 90 s are still seconds. What lies ahead is now. */
export function agoOf(passedMs: number): Distance {
  const passed = Math.max(0, passedMs);
  if (passed < 5000) return { unit: "justNow", n: 0 };
  if (passed < 90_000) return { unit: "secondsAgo", n: Math.round(passed / 1000) };
  if (passed < 5_400_000) return { unit: "minutesAgo", n: Math.round(passed / 60_000) };
  if (passed < 129_600_000) return { unit: "hoursAgo", n: Math.round(passed / 3_600_000) };
  return { unit: "daysAgo", n: Math.round(passed / 86_400_000) };
}
