// One session as a drawing: three panels over one axis of time.

import type { Point, Timeline } from "./sim-timeline.ts";
import type { Ladder } from "./types.ts";

const left = 64;
const width = 880;
const panelHeight = 70;
const gap = 20;
const panels = 3;
const height = panels * (panelHeight + gap) + 12;

interface Panel {
  readonly name: string;
  readonly top: number;
  /** What the upper edge stands for. */
  readonly most: number;
  readonly label: string;
}

/** SVG that needs nothing but the page's classes; every text in it is a number or one of ours. */
export function sessionChart(timeline: Timeline, ladder: Ladder, maxBufferMs: number): string {
  const endMs = Math.max(1, timeline.endMs);
  const x = (atMs: number): number => left + (width * atMs) / endMs;
  const topRate = ladder.kbps[ladder.kbps.length - 1] ?? 1;
  const measured = [...timeline.capacityKbps, ...timeline.throughputKbps].map((point) => point.value);
  const mostKbps = Math.max(1, topRate, ...measured.toSorted((a, b) => a - b).slice(0, -1));
  const rates = panel("network", 0, mostKbps, `${(mostKbps / 1000).toFixed(1)} Mbit/s`);
  const rungs = panel("rung", 1, Math.max(1, ladder.kbps.length - 1), `${Math.round(topRate)} kbit/s`);
  const buffer = panel("buffer", 2, maxBufferMs, `${Math.round(maxBufferMs / 1000)} s`);
  const stalls = timeline.stalls.map(
    ({ fromMs, toMs }) =>
      `<rect class="stall" x="${short(x(fromMs))}" y="0" width="${short(Math.max(0.8, x(toMs) - x(fromMs)))}" height="${height - gap - 12}"/>`,
  );
  const abandoned = timeline.abandoned.map(
    (atMs) => `<circle class="abandoned" cx="${short(x(atMs))}" cy="${rungs.top + panelHeight + 5}" r="2"/>`,
  );
  return [
    `<svg viewBox="0 0 ${left + width + 8} ${height}" role="img" aria-label="network, rung and buffer over time">`,
    ...stalls,
    ...[rates, rungs, buffer].map(frame),
    `<path class="capacity" d="${closed(stepped(timeline.capacityKbps, rates, x, endMs), rates)}"/>`,
    `<path class="throughput" d="${straight(timeline.throughputKbps, rates, x)}"/>`,
    `<path class="rung" d="${stepped(timeline.rung, rungs, x, endMs)}"/>`,
    `<path class="buffer" d="${closed(straight(timeline.bufferMs, buffer, x), buffer)}"/>`,
    ...abandoned,
    `<text x="${left}" y="${height - 2}">0 s</text>`,
    `<text class="end" x="${left + width}" y="${height - 2}">${Math.round(endMs / 1000)} s</text>`,
    "</svg>",
  ].join("");
}

function panel(name: string, index: number, most: number, label: string): Panel {
  return { name, top: 4 + index * (panelHeight + gap), most, label };
}

function frame({ name, top, label }: Panel): string {
  const bottom = top + panelHeight;
  return `<path class="axis" d="M${left} ${top}V${bottom}H${left + width}"/><text class="end" x="${left - 5}" y="${top + 9}">${label}</text><text class="end name" x="${left - 5}" y="${bottom}">${name}</text>`;
}

function y({ top, most }: Panel, value: number): number {
  return top + panelHeight * (1 - Math.min(1, Math.max(0, value / most)));
}

function straight(points: readonly Point[], on: Panel, x: (ms: number) => number): string {
  return points
    .map(({ atMs, value }, i) => `${i === 0 ? "M" : "L"}${short(x(atMs))} ${short(y(on, value))}`)
    .join("");
}

/** Each value until the next one's time; the last until the end. */
function stepped(points: readonly Point[], on: Panel, x: (ms: number) => number, endMs: number): string {
  if (points.length === 0) return "";
  const steps = points.map(({ atMs, value }, i) =>
    i === 0 ? `M${short(x(atMs))} ${short(y(on, value))}` : `H${short(x(atMs))}V${short(y(on, value))}`,
  );
  return `${steps.join("")}H${short(x(endMs))}`;
}

/** Down to the panel's floor and back: an area under the path. */
function closed(path: string, on: Panel): string {
  return path === "" ? "" : `${path}V${on.top + panelHeight}H${left}Z`;
}

function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}
