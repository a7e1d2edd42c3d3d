// Where a film begins; "ask" lets the player offer the resume point.
export type WatchFrom = "ask" | "resume" | "beginning";

/** From an address: whatever it says else is "ask". */
export function watchFrom(text: unknown): WatchFrom {
  return text === "resume" || text === "beginning" ? text : "ask";
}
