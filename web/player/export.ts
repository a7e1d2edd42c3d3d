// The recorded timeline as files: everything as JSON, a row per decision as CSV, the network as a trace for the simulator.
import { stallsOf } from "#play/log.ts";
import { recordedPeriods, traceFile } from "#play/recorded.ts";
import { csvText } from "./csv.ts";
import { arrivalOf } from "./timeline-choice.ts";
import type { PlayerView } from "./view.ts";

export interface ExportFile {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

type Recorded = Pick<PlayerView, "log" | "film" | "durationMs" | "playback">;

/** Times are milliseconds since the play request. */
export function timelineJson({ log, film, durationMs, playback }: Recorded): ExportFile {
  const { decided, fetched, buffer, noted, switches, sourcesUsed } = log;
  const { startupMs } = playback;
  const document = {
    ...{ durationMs, startupMs: startupMs ?? null, switches, ladder: film?.ladder ?? null, sourcesUsed },
    ...{ decided, fetched, buffer, stalls: stallsOf(log), noted },
  };
  return {
    name: "millrace-timeline.json",
    type: "application/json",
    text: `${JSON.stringify(document, undefined, 1)}\n`,
  };
}

export function timelineCsv({ log }: Recorded): ExportFile {
  const rows = log.decided.map((decision) => {
    const came = arrivalOf(log, decision);
    return {
      segment: decision.segment + 1,
      atMs: Math.round(decision.atMs),
      rule: decision.rule,
      height: decision.height,
      kbps: decision.kbps,
      bufferMs: Math.round(decision.bufferMs),
      reserveMs: decision.grounds?.reserveMs,
      estimateKbps: decision.estimateKbps,
      latencyMs: decision.latencyMs,
      bytes: came?.bytes,
      ms: came?.ms,
      throughputKbps: came?.throughputKbps,
      source: came?.sourceId,
      because: decision.because,
    };
  });
  return { name: "millrace-timeline.csv", type: "text/csv", text: csvText(rows) };
}

export function traceJson({ log }: Pick<Recorded, "log">): ExportFile {
  const text = traceFile(recordedPeriods(log.fetched));
  return { name: "millrace-trace.json", type: "application/json", text };
}

/** Hands the file to the browser. */
export function save({ name, type, text }: ExportFile): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
