// What each figure of a window means, and what is computed from figures. Pages and documents take names, units and sentences from here.
//
// Figures are whole numbers that add up: of two windows, of a window and its correction, of two appliances. Measures are quotients
// of sums and are taken last, whenever somebody looks: a mean of means would weigh a minute with one viewer like one with a thousand.
// Source of the measures: CTA-2066, "Streaming Quality of Experience Events, Properties and Metrics".

export interface Definition {
  readonly name: string;
  readonly unit: string;
  readonly sentence: string;
}

export const figures = {
  events: {
    name: "Events",
    unit: "events",
    sentence: "Beacons and CMCD reports that were counted here, each once.",
  },
  plays: {
    name: "Plays",
    unit: "plays",
    sentence: "Sessions whose first event falls here: a picture was asked for.",
  },
  starts: { name: "Starts", unit: "plays", sentence: "Sessions that showed their first picture." },
  startupMs: {
    name: "Start-up, summed",
    unit: "ms",
    sentence: "Time from the play request to the first picture, over all starts.",
  },
  startFailures: {
    name: "Start-up failures",
    unit: "plays",
    sentence: "Sessions that failed before their first picture.",
  },
  exits: {
    name: "Exits before video start",
    unit: "plays",
    sentence: "Sessions whose viewer left before the first picture, without a failure.",
  },
  failures: {
    name: "In-play failures",
    unit: "failures",
    sentence: "Failures that ended a picture that had begun.",
  },
  playMs: {
    name: "Play time",
    unit: "ms",
    sentence: "Time in which the film moved: neither paused, seeking nor stalled.",
  },
  stallMs: {
    name: "Stall time",
    unit: "ms",
    sentence:
      "Time in which the film stood still though it should have moved; waits before the first picture and after a seek are none.",
  },
  stalls: { name: "Stalls", unit: "stalls", sentence: "Times the film stood still in that way." },
  switches: { name: "Switches", unit: "switches", sentence: "Changes of the rung." },
  playedBits: {
    name: "Bits played",
    unit: "bit",
    sentence: "Bitrate times play time: what the film that was played had, not what was fetched.",
  },
  heightMs: {
    name: "Height times play time",
    unit: "lines · ms",
    sentence: "Lines of the picture times play time.",
  },
  responses: {
    name: "Responses",
    unit: "responses",
    sentence: "Answers to requests for media that CMCD reports tell of, by the source that gave them.",
  },
  badResponses: {
    name: "Bad responses",
    unit: "responses",
    sentence: "Of these, the ones that never came or had a status of 400 and more.",
  },
} as const satisfies Readonly<Record<string, Definition>>;

export interface Measure extends Definition {
  /** Of figures. */
  readonly formula: string;
}

export const measures = {
  startup: {
    name: "Start-up time",
    unit: "ms",
    formula: "startupMs / starts",
    sentence: "Mean time from the play request to the first picture.",
  },
  startupMedian: {
    name: "Start-up time, median",
    unit: "ms",
    formula: "50th percentile of startupBuckets",
    sentence: "Half of the starts took no longer; off by less than 1/128.",
  },
  startupSlow: {
    name: "Start-up time, 95th percentile",
    unit: "ms",
    formula: "95th percentile of startupBuckets",
    sentence: "19 of 20 starts took no longer; off by less than 1/128.",
  },
  startFailureRatio: {
    name: "Start-up failures",
    unit: "ratio",
    formula: "startFailures / plays",
    sentence: "Share of the plays that failed before their first picture.",
  },
  exitRatio: {
    name: "Exits before video start",
    unit: "ratio",
    formula: "exits / plays",
    sentence: "Share of the plays whose viewer left before the first picture, without a failure.",
  },
  failureRatio: {
    name: "In-play failures",
    unit: "ratio",
    formula: "failures / starts",
    sentence: "Failures after the first picture, for each start.",
  },
  stallRatio: {
    name: "Stall ratio",
    unit: "ratio",
    formula: "stallMs / (stallMs + playMs)",
    sentence: "Share of the viewing time in which the film stood still; start-up and seeks are left out.",
  },
  bitrate: {
    name: "Mean bitrate",
    unit: "bit/s",
    formula: "1000 · playedBits / playMs",
    sentence: "Bitrate of what was played, weighted by play time.",
  },
  height: {
    name: "Mean height",
    unit: "lines",
    formula: "heightMs / playMs",
    sentence: "Lines of the picture, weighted by play time.",
  },
  badResponseRatio: {
    name: "Bad responses",
    unit: "ratio",
    formula: "badResponses / responses",
    sentence: "Share of the answers to requests for media that never came or had a status of 400 and more.",
  },
} as const satisfies Readonly<Record<string, Measure>>;

/** Beside the figures of a window. */
export const estimates = {
  estimates: {
    name: "Estimates",
    unit: "events",
    sentence:
      "Events that counted for more than themselves, or for nothing since others stood for them: some are left out while the event log fills up. Where there are any, the figures are estimates.",
  },
} as const satisfies Readonly<Record<string, Definition>>;

/** Of records that tell who watches (kind "watching"). */
export const watchingFigures = {
  watchedMs: {
    name: "Watched time",
    unit: "ms",
    sentence:
      "Time that sessions were playing or stalled; divided by the window's length, the mean concurrency.",
  },
  atEnd: {
    name: "Watching at the end",
    unit: "sessions",
    sentence: "Sessions that were playing or stalled when the window ended.",
  },
} as const satisfies Readonly<Record<string, Definition>>;
