// What a player says about itself. Written by the player, read by qoe and control.

export type PlayState =
  | "start"
  | "playing"
  | "paused"
  | "seeking"
  | "stalled"
  | "ended"
  | "failed"
  | "closed";

/** What a beacon may call the codec of its picture; a word of another kind counts as "other". */
export const playedCodecs = ["h264", "hevc", "vp9", "av1", "other"] as const;
export type PlayedCodec = (typeof playedCodecs)[number];

/** What a beacon may call the rule that chose its rung: those of #play/rules.ts; any other word counts as "other". */
export const playedRules = [
  ...["default", "rmin", "throughput", "mpc", "robustmpc", "hyb-o", "hyb-u"],
  ...["bba-0", "bba-1", "bba-2", "bba-2-op", "bba-others", "bba-log"],
  ...[
    "bola-basic-u",
    "bola-basic-o",
    "bola-finite-u",
    "bola-finite-o",
    "bola-pl-o",
    "bola-e-u",
    "bola-e-o",
    "bola-e-fs",
  ],
  ...["dynamic", "dynamic-u", "dynamic-basic-o", "dynamicdash", "dynamic-fs"],
  "other",
] as const;
export type PlayedRule = (typeof playedRules)[number];

/** The rule as a beacon may call it; undefined where none decided yet. */
export function playedRuleOf(name: string | undefined): PlayedRule | undefined {
  return name === undefined ? undefined : (playedRules.find((one) => one === name) ?? "other");
}

/** One telemetry event. `ord = gen·2^24 + seq` orders a viewer's events without any clock. */
export interface Beacon {
  readonly sessionId: string;
  /** Starts at 1 and grows by 1 with each event of the session. */
  readonly seq: number;
  readonly state: PlayState;
  readonly positionMs: number;
  readonly durationMs: number;
  readonly bufferMs: number;
  readonly bitrateBps: number;
  readonly height: number;
  readonly throughputBps: number;
  readonly stallCount: number;
  readonly stallMs: number;
  readonly switchCount: number;
  readonly startupMs: number;
  readonly applianceId: string;
  /** The ABR rule's words for its last decision. */
  readonly because: string;
  /** Of the rung that plays. Absent: its player does not say, or nothing has played yet. */
  readonly codec?: PlayedCodec | undefined;
  /** The ABR rule that chose it. Absent as above. */
  readonly rule?: PlayedRule | undefined;
  /** When it was made, by the player's own clock that never jumps. Absent: its player does not say. */
  readonly madeMs?: number | undefined;
}

/** Order of all events of one account. Source: control-telemetry research §3.1. Exact below 2^53: gen < 2^29. */
export function ord(generation: number, seq: number): number {
  return generation * 2 ** 24 + seq;
}
