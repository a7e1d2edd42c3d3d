// Reads the instruments at each step boundary: into the series, and out to the collector if there is one.
import { setTimeout as rest } from "node:timers/promises";
import type { Values } from "#config/setting.ts";
import { blockPoints } from "#series/blocks.ts";
import type { seriesSettings } from "#series/settings.ts";
import { SeriesStore } from "#series/store.ts";
import type { Desk } from "./desk.ts";
import { takeStates } from "./states.ts";

export function openSeries(settings: Values<typeof seriesSettings>): SeriesStore {
  const isFine = settings.seriesStep === "10s";
  const stepMs = isFine ? 10_000 : 60_000;
  const keptMs = (isFine ? settings.seriesFineHours : settings.seriesHours) * 3_600_000;
  return new SeriesStore({
    stepMs,
    // With the block that is being written, there is never less than was asked for.
    keptBlocks: Math.ceil(keptMs / (stepMs * blockPoints)) + 1,
    perName: settings.seriesPerName,
    most: settings.seriesMost,
  });
}

/** Once at the start, so that the first step is known from then on; then at each boundary. */
export async function sampleForever(desk: Desk, signal: AbortSignal): Promise<void> {
  const { series, clock, logger } = desk;
  while (!signal.aborted) {
    try {
      await sample(desk);
    } catch (error) {
      logger.error({ err: error }, "the instruments could not be read");
    }
    const pauseMs = series.stepMs - (clock.wallMs() % series.stepMs);
    await rest(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

export async function sample(desk: Desk): Promise<void> {
  const { series, meters, push, clock } = desk;
  takeStates(desk);
  meters.series.set(series.size);
  const figures = await meters.figures();
  const nowMs = clock.wallMs();
  const before = series.overflow;
  series.take(figures, nowMs);
  meters.lost.inc({ class: "reading" }, series.overflow - before);
  push?.add(figures, nowMs);
}
