// Draws the last minute and a half of a play: buffer over its reserve, rungs and throughput over the
// floor, stalls, and who served.
import { type Decided, stallsOf } from "#play/log.ts";
import type { Grounds } from "#play/rule.ts";
import { rateText } from "./clock-text.ts";
import { sourceColour, tokenOf } from "./colours.ts";
import type { PlayerView } from "./view.ts";

const longestWindowMs = 90_000;
const shortestWindowMs = 30_000;
const left = 44;
const right = 8;
const ribbonHeight = 8;
const axisHeight = 16;
const gap = 10;

interface Sheet {
  readonly pen: CanvasRenderingContext2D;
  readonly colour: (token: string) => string;
  readonly width: number;
  readonly x: (atMs: number) => number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A plot's place and scale: `y` of its lowest and highest value. */
interface Plot {
  readonly top: number;
  readonly bottom: number;
  readonly y: (value: number) => number;
}

/** What a reader points at or chose, and the words of the drawing. */
export interface Marks {
  readonly pointedMs: number | undefined;
  readonly chosen: Decided | undefined;
  readonly estimate: (rate: string) => string;
}

export function drawTimeline(canvas: HTMLCanvasElement, view: PlayerView, marks: Marks): void {
  const pen = canvas.getContext("2d");
  const { clientWidth: width, clientHeight: height } = canvas;
  if (pen === null || width === 0 || height === 0) return;
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  const style = getComputedStyle(canvas);
  pen.font = `11px ${style.fontFamily}`;
  pen.textBaseline = "middle";
  const { fromMs, toMs } = windowOf(view, marks.chosen?.atMs);
  const x = (atMs: number): number => left + ((atMs - fromMs) / (toMs - fromMs)) * (width - left - right);
  const sheet: Sheet = { pen, colour: (token) => tokenOf(style, token), width, x, fromMs, toMs };
  const plots = height - axisHeight - ribbonHeight - 2 * gap;
  const middle = Math.round(plots * 0.5);
  drawChosen(sheet, view, marks.chosen, plots + 2 * gap + ribbonHeight);
  drawBuffer(sheet, view, 4, middle);
  drawRates(sheet, view, [middle + gap, plots + gap], marks);
  drawRibbon(sheet, view, plots + 2 * gap);
  drawAxis(sheet, height - axisHeight / 2);
  if (marks.pointedMs === undefined) return;
  pen.strokeStyle = sheet.colour("--ink-faint");
  pen.lineWidth = 1;
  line(sheet, x(marks.pointedMs), 4, x(marks.pointedMs), plots + 2 * gap + ribbonHeight);
}

/** From the chosen decision to the next one. */
function drawChosen(sheet: Sheet, view: PlayerView, chosen: Decided | undefined, bottom: number): void {
  if (chosen === undefined) return;
  const { pen, colour, x } = sheet;
  const next = view.log.decided.find((decision) => decision.atMs > chosen.atMs);
  const from = Math.max(left, x(chosen.atMs));
  const width = Math.max(2, x(next?.atMs ?? Math.max(chosen.atMs, view.nowMs)) - from);
  pen.fillStyle = colour("--line");
  pen.fillRect(from, 4, width, bottom - 4);
  pen.fillStyle = colour("--accent");
  pen.fillRect(from, bottom + 1, width, 2);
}

/** Milliseconds since the request under a pointer `offset` pixels from the canvas's left. */
export function timeAt(offset: number, width: number, view: PlayerView, chosen: Decided | undefined): number {
  const { fromMs, toMs } = windowOf(view, chosen?.atMs);
  return fromMs + ((offset - left) / Math.max(1, width - left - right)) * (toMs - fromMs);
}

/** The last minute and a half, or that around what was chosen when it lies further back. */
function windowOf(
  view: PlayerView,
  chosenMs: number | undefined,
): { readonly fromMs: number; readonly toMs: number } {
  const newestMs = Math.max(shortestWindowMs, view.nowMs);
  const back = chosenMs !== undefined && chosenMs < newestMs - longestWindowMs;
  const toMs = back ? chosenMs + longestWindowMs / 2 : newestMs;
  return { fromMs: Math.max(0, toMs - longestWindowMs), toMs };
}

function plotOf(top: number, bottom: number, low: number, high: number): Plot {
  return { top, bottom, y: (value) => bottom - ((value - low) / (high - low)) * (bottom - top) };
}

function drawBuffer(sheet: Sheet, view: PlayerView, top: number, bottom: number): void {
  const { pen, colour, x } = sheet;
  const samples = view.log.buffer.filter((seen) => seen.atMs >= sheet.fromMs);
  const spans = spansOf(sheet, view);
  const reserves = spans.map(({ grounds }) => Math.max(grounds.reserveMs, grounds.topMs ?? 0) * 1.15);
  const most = Math.max(5000, ...reserves, ...samples.map((seen) => seen.bufferMs * 1.1));
  const plot = plotOf(top, bottom, 0, most);
  for (const span of spans) {
    const topMs = span.grounds.topMs ?? span.maxBufferMs;
    shade(sheet, plot, span, plot.y(topMs), "--cushion");
    shade(sheet, plot, span, plot.y(span.grounds.reserveMs), "--reserve");
  }
  const first = samples[0];
  const last = samples.at(-1);
  if (first !== undefined && last !== undefined) {
    pen.beginPath();
    for (const seen of samples) pen.lineTo(x(seen.atMs), plot.y(seen.bufferMs));
    pen.strokeStyle = colour("--buffer");
    pen.lineWidth = 2;
    pen.stroke();
    pen.lineTo(x(last.atMs), plot.bottom);
    pen.lineTo(x(first.atMs), plot.bottom);
    pen.globalAlpha = 0.35;
    pen.fillStyle = colour("--buffer");
    pen.fill();
    pen.globalAlpha = 1;
  }
  for (const stall of stallsOf(view.log)) {
    if (stall.toMs < sheet.fromMs) continue;
    const from = x(Math.max(sheet.fromMs, stall.fromMs));
    pen.globalAlpha = 0.75;
    pen.fillStyle = colour("--stall");
    pen.fillRect(from, plot.top, Math.max(2, x(stall.toMs) - from), plot.bottom - plot.top);
    pen.globalAlpha = 1;
  }
  for (const share of [0, 0.5, 0.95])
    label(sheet, `${((share * most) / 1000).toFixed(most < 20_000 ? 1 : 0)} s`, plot.y(share * most));
}

/** From one decision to the next, with what the rule held it against. */
interface Span {
  readonly from: number;
  readonly until: number;
  readonly grounds: Grounds;
  readonly maxBufferMs: number;
}

/** Of decisions that computed something and are not over yet, in pixels. */
function spansOf(sheet: Sheet, view: PlayerView): readonly Span[] {
  const { decided } = view.log;
  return decided.flatMap(({ atMs, grounds, maxBufferMs }, index) => {
    const untilMs = decided[index + 1]?.atMs ?? Math.max(atMs, view.nowMs);
    if (grounds === undefined || untilMs < sheet.fromMs) return [];
    const from = Math.max(left, Math.round(sheet.x(atMs)));
    return [{ from, until: Math.round(sheet.x(untilMs)), grounds, maxBufferMs }];
  });
}

/** Everything under `y`. */
function shade({ pen, colour }: Sheet, plot: Plot, { from, until }: Span, y: number, token: string): void {
  const high = Math.min(plot.bottom, Math.max(plot.top, y));
  pen.globalAlpha = 0.5;
  pen.fillStyle = colour(token);
  pen.fillRect(from, high, Math.max(0, until - from), plot.bottom - high);
  pen.globalAlpha = 1;
}

/** Rates on a logarithmic axis: rungs are steps of equal ratio. */
function drawRates(
  sheet: Sheet,
  view: PlayerView,
  [top, bottom]: readonly [number, number],
  { estimate }: Marks,
): void {
  const { pen, colour, x } = sheet;
  const rungs = view.film?.ladder.kbps ?? [];
  const decided = view.log.decided;
  const fetched = view.log.fetched.filter((entry) => entry.media === "video" && entry.atMs >= sheet.fromMs);
  const lowest = Math.min(...rungs);
  if (!Number.isFinite(lowest)) return;
  const highest = Math.max(...rungs, ...fetched.map((entry) => entry.throughputKbps));
  const plot = plotOf(top, bottom, Math.log(lowest * 0.7), Math.log(highest * 1.4));
  const y = (kbps: number): number => plot.y(Math.log(kbps));
  for (const span of spansOf(sheet, view)) {
    const { floorKbps } = span.grounds;
    if (floorKbps !== undefined) shade(sheet, plot, span, y(floorKbps), "--floor");
  }
  pen.lineWidth = 1;
  let lastLabel = Number.POSITIVE_INFINITY;
  for (const [rung, kbps] of rungs.entries()) {
    pen.strokeStyle = colour("--line");
    line(sheet, left, y(kbps), sheet.width - right, y(kbps));
    if (lastLabel - y(kbps) < 12) continue;
    lastLabel = y(kbps);
    label(sheet, `${view.film?.ladder.heights[rung] ?? ""}p`, y(kbps));
  }
  pen.fillStyle = colour("--throughput");
  for (const entry of fetched) {
    pen.beginPath();
    pen.arc(x(entry.atMs), y(Math.max(lowest * 0.75, entry.throughputKbps)), 2.6, 0, 2 * Math.PI);
    pen.fill();
  }
  pen.strokeStyle = colour("--rung");
  pen.lineWidth = 2.5;
  pen.beginPath();
  for (const [index, decision] of decided.entries()) {
    const until = decided[index + 1]?.atMs ?? Math.max(decision.atMs, view.nowMs);
    if (until < sheet.fromMs) continue;
    pen.lineTo(Math.max(left, x(decision.atMs)), y(decision.kbps));
    pen.lineTo(x(until), y(decision.kbps));
  }
  pen.stroke();
  pen.fillStyle = colour("--ink-soft");
  pen.textAlign = "right";
  if (view.throughputKbps !== undefined) {
    pen.fillText(estimate(rateText(view.throughputKbps)), sheet.width - right - 6, top + 6);
  }
}

function drawRibbon(sheet: Sheet, view: PlayerView, top: number): void {
  const { pen, colour, x } = sheet;
  const { log } = view;
  const fetched = log.fetched.filter((entry) => entry.media === "video");
  for (const [index, entry] of fetched.entries()) {
    const untilMs = fetched[index + 1]?.atMs ?? Math.max(entry.atMs, view.nowMs);
    if (untilMs < sheet.fromMs) continue;
    const from = Math.max(left, x(entry.atMs - entry.ms));
    pen.fillStyle = colour(sourceColour(entry.sourceId, log.sourcesUsed));
    pen.fillRect(from, top, Math.max(2, x(untilMs) - from), ribbonHeight);
  }
}

function drawAxis(sheet: Sheet, y: number): void {
  const { pen, colour, x } = sheet;
  const step = sheet.toMs - sheet.fromMs > 60_000 ? 15_000 : 5000;
  pen.fillStyle = colour("--ink-faint");
  pen.textAlign = "center";
  for (let atMs = Math.ceil(sheet.fromMs / step) * step; atMs <= sheet.toMs; atMs += step) {
    if (x(atMs) > sheet.width - right - 12) break;
    pen.fillText(`${atMs / 1000} s`, x(atMs), y);
  }
}

function label(sheet: Sheet, text: string, y: number): void {
  sheet.pen.fillStyle = sheet.colour("--ink-faint");
  sheet.pen.textAlign = "right";
  sheet.pen.fillText(text, left - 6, y);
}

function line(sheet: Sheet, x1: number, y1: number, x2: number, y2: number): void {
  sheet.pen.beginPath();
  sheet.pen.moveTo(x1, y1);
  sheet.pen.lineTo(x2, y2);
  sheet.pen.stroke();
}
