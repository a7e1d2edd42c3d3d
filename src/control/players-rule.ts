// When players' words close an appliance to new plays, from the settings.
import type { Values } from "#config/setting.ts";
import type { GateSettings } from "#qoe/player-gate.ts";
import type { qoeSettings } from "./settings-qoe.ts";

export interface PlayersRule extends GateSettings {
  readonly probePercent: number;
}

/** Doublings of the rest: four. */
const longestRests = 16;

export function playersRule(settings: Values<typeof qoeSettings>): PlayersRule {
  const restMs = settings.gateRestSeconds * 1000;
  return {
    memoryMs: settings.gateMinutes * 60_000,
    leastPlays: settings.gatePlays,
    leastMinutes: settings.gateWatchedMinutes,
    margin: settings.gateMarginPercent / 100,
    confidence: settings.gateConfidencePercent / 100,
    restMs,
    longestRestMs: longestRests * restMs,
    probeMs: settings.gateProbeSeconds * 1000,
    probePlays: settings.gateProbePlays,
    mostShare: settings.gateMostPercent / 100,
    probePercent: settings.gateProbePercent,
  };
}
