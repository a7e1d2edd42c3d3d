import type { FaultTable } from "#units/fault.ts";

/** Why a run with --once did not end well. */
export const onceFaults = {
  noChromium: {
    code: "no-chromium",
    status: 500,
    sentence:
      "--once plays the film in Chromium, and there is none at {path}. Mend it with: apt-get install chromium",
  },
  playbackFailed: { code: "playback-failed", status: 500, sentence: "The player gave up: {reason}" },
  noAppliance: {
    code: "no-appliance",
    status: 500,
    sentence: "The last segment came from {source}, so there was no appliance to kill.",
  },
  tooLong: {
    code: "playback-too-long",
    status: 500,
    sentence: "The film did not end in time: {position} s of {duration} s were played.",
  },
  notSurvived: {
    code: "kill-not-survived",
    status: 500,
    sentence:
      "The film ended, but no segment was fetched after {killed} was killed, so nothing was shown about failover.",
  },
  agentsSilent: {
    code: "fill-incomplete",
    status: 500,
    sentence: "After {seconds} s the appliances hold {verified} of {wanted} files. {problem}",
  },
} as const satisfies FaultTable;
