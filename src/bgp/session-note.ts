import type { SessionAction, SessionNote } from "./session-state.ts";

/** A line for the log. */
export function announceNote(
  level: SessionNote["level"],
  what: SessionNote["what"],
  because: string,
): SessionAction {
  return { kind: "note", note: { level, what, because } };
}
