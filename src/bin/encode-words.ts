// What `millrace encode` says of each event that is a line of its own; what only moves is drawn by lanes.ts.

import { plainTitle } from "#encode/equal-terms.ts";
import type { EncodeEvent } from "#encode/io/encode-order.ts";
import { metricName, ordinal } from "#encode/report-page-words.ts";
import type { Metric } from "#model/encoded.ts";

export function wordsFor(event: EncodeEvent): string | undefined {
  switch (event.kind) {
    case "probed": {
      const { width, height, frames, duration, audio } = event.source;
      const sound = audio === undefined ? "no sound" : audio.codec;
      const film = `${event.fileName}: ${width}×${height}, ${frames} frames, ${duration.toFixed(1)} s, ${sound}`;
      return [
        `film         ${film}`,
        ...event.mended.map((reason) => `mended       ${reason}`),
        ...event.leftOut.map((what) => `left out     ${what}`),
      ].join("\n");
    }
    case "shots":
      return `shots        ${event.shots.length} shots in ${event.plan.boundaries.length} segments`;
    case "metric":
      return `metric       ${metricWords(event.metric)}`;
    case "hulls": {
      const more = event.comparesLater ? "" : "; --baselines encodes ladders to compare with";
      return `hulls        ${event.codec}: ${event.hulls.length} hulls, ${savedWords(event.bitsSavedPercent, event.plainCrf)}${more}`;
    }
    case "encoded":
      return `rungs        ${event.rungs.map(({ rung }) => `${rung.id} ${Math.round(rung.bitrate / 1000)} kbit/s`).join(", ")}`;
    default:
      return undefined;
  }
}

/** A fallback metric is never called VMAF, and says why it is there. */
export function metricWords(metric: Metric): string {
  const frames = metric.subsample === 1 ? "every frame" : `every ${ordinal(metric.subsample)} frame`;
  return metric.name === "vmaf"
    ? `${metricName(metric)}, model ${metric.model}, ${frames}`
    : `${metricName(metric)} (no libvmaf; npm start fetches it)`;
}

/** What is compared here are predictions, and no ladder that anyone publishes. */
export function savedWords(saved: number | undefined, plainCrf: number | undefined): string {
  const against = `${plainTitle(plainCrf).replace("E", "e")}, predicted`;
  if (saved === undefined) return `not comparable with ${against}`;
  return `${Math.abs(saved).toFixed(1)} % ${saved >= 0 ? "fewer" : "more"} bits at equal quality than ${against}`;
}
