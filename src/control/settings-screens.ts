// How long a screen is held, and what is signed on the strength of it. Source of the defaults: research, control-telemetry §4.
import type { SettingsTable } from "#config/setting.ts";

export const screenSettings = {
  leaseTtlMs: {
    kind: "number",
    name: "MILLRACE_LEASE_TTL_MS",
    unit: "ms",
    min: 2500,
    max: 3_600_000,
    default: 45_000,
    sentence: "How long a player may play after the last beat that was answered.",
  },
  leaseGraceMs: {
    kind: "number",
    name: "MILLRACE_LEASE_GRACE_MS",
    unit: "ms",
    min: 1000,
    max: 3_600_000,
    default: 15_000,
    sentence:
      "How much longer a screen stays taken, and its signed paths work, than its player may play; more than a player's clock can be wrong by.",
  },
  leaseRenewMs: {
    kind: "number",
    name: "MILLRACE_LEASE_RENEW_MS",
    unit: "ms",
    min: 200,
    max: 600_000,
    default: 10_000,
    sentence: "How often a player beats, give or take a fifth.",
  },
  playBudgetMs: {
    kind: "number",
    name: "MILLRACE_PLAY_BUDGET_MS",
    unit: "ms",
    min: 10,
    max: 60_000,
    default: 300,
    sentence:
      "How long the stores may take for a play or a beat before it is answered with 503; less where the caller's Request-Timeout says so.",
  },
  prefetchSeconds: {
    kind: "number",
    name: "MILLRACE_PREFETCH_SECONDS",
    unit: "s",
    min: 2,
    max: 600,
    default: 10,
    sentence:
      "How long the signed paths of a look ahead work: they open the whole title, and hold no screen.",
  },
  prefetchesPerMinute: {
    kind: "number",
    name: "MILLRACE_PREFETCHES_PER_MINUTE",
    unit: "requests/min",
    min: 1,
    max: 1000,
    default: 1,
    sentence: "How often one account may look ahead at the same title per minute.",
  },
  evictionsPerMinute: {
    kind: "number",
    name: "MILLRACE_EVICTIONS_PER_MINUTE",
    unit: "requests/min",
    min: 1,
    max: 1000,
    default: 10,
    sentence: "How many of its screens one account may stop per minute.",
  },
  otherPlayers: {
    kind: "choice",
    name: "MILLRACE_OTHER_PLAYERS",
    choices: ["steered", "none"],
    default: "steered",
    sentence:
      "Whether plays offer manifests for players that are not ours, whose paths last MILLRACE_PLAY_HOURS (steered), or keep the limit of screens as strictly as for ours (none).",
  },
  otherPlayerLeaseSeconds: {
    kind: "number",
    name: "MILLRACE_OTHER_PLAYER_LEASE_SECONDS",
    unit: "s",
    min: 1,
    max: 86_400,
    default: 720,
    sentence:
      "How long a player that is not ours keeps its screen after it last asked where to fetch from; longer than MILLRACE_STEER_TTL_SECONDS by far.",
  },
  otherPlayersMost: {
    kind: "number",
    name: "MILLRACE_OTHER_PLAYERS_MOST",
    unit: "sessions",
    min: 1,
    max: 1_000_000,
    default: 10_000,
    sentence:
      "Sessions of players that are not ours that are looked after at once; more are refused a manifest.",
  },
  otherPlayersPollMs: {
    kind: "number",
    name: "MILLRACE_OTHER_PLAYERS_POLL_MS",
    unit: "ms",
    min: 50,
    max: 60_000,
    default: 2000,
    sentence: "How often it is looked for players that are not ours whose screen ended.",
  },
} as const satisfies SettingsTable;
