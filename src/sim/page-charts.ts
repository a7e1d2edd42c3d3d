// The pictures of a run, as SVG that needs nothing but the page's classes. Days run to the right; what befell the region
// stands above as numbered flags.
import { escaped } from "#units/escaped.ts";
import type { Flag } from "./page-words.ts";
import { addLedgers, type DayResult, fillOf, meanOf, offloadOf, peakOf } from "./results.ts";

const left = 92;
const width = 860;
const top = 22;

interface Frame {
  readonly days: number;
  readonly height: number;
  readonly flags: readonly Flag[];
}

/** One line for each day's offload, percent, from a floor that shows differences. */
export function offloadChart(days: readonly DayResult[], flags: readonly Flag[]): string {
  const values = days.map(({ regions }) => 100 * offloadOf(addLedgers(regions)));
  const floor = 100 - ceiling(Math.max(0.1, 100 - Math.min(...values)));
  const frame = { days: days.length, height: 150, flags };
  const y = (value: number): number => top + (150 * (100 - value)) / (100 - floor);
  const line = values.map(
    (value, day) => `${day === 0 ? "M" : "L"}${short(middle(frame, day))} ${short(y(value))}`,
  );
  const dots = values.map(
    (value, day) =>
      `<circle class="dot" cx="${short(middle(frame, day))}" cy="${short(y(value))}" r="2.5"><title>${days[day]?.date}: ${value.toFixed(3)} %</title></circle>`,
  );
  const grid = [floor, (floor + 100) / 2, 100].map((value) => gridLine(y(value), `${trimmed(value)} %`));
  return svg(frame, "offload by day", [...grid, `<path class="line" d="${line.join("")}"/>`, ...dots]);
}

const classes = ["content", "health", "other"] as const;

/** Misses of each day by class, stacked; percent of what was asked for. */
export function missChart(days: readonly DayResult[], flags: readonly Flag[]): string {
  const ledgers = days.map(({ regions }) => addLedgers(regions));
  const share = (part: number, asked: number): number => (asked > 0 ? (100 * part) / asked : 0);
  const most = ceiling(Math.max(0.1, ...ledgers.map(({ asked, hit }) => share(asked - hit, asked))));
  const frame = { days: days.length, height: 170, flags };
  const step = width / days.length;
  const bars = ledgers.flatMap((ledger, day) => {
    let base = top + frame.height;
    return classes.map((name) => {
      const height = (frame.height * share(ledger[name], ledger.asked)) / most;
      base -= height;
      const title = `${days[day]?.date}: ${name} ${share(ledger[name], ledger.asked).toFixed(3)} %`;
      return `<rect class="${name}" x="${short(left + day * step + 1)}" y="${short(base)}" width="${short(step - 2)}" height="${short(height)}"><title>${title}</title></rect>`;
    });
  });
  const grid = [0, most / 2, most].map((value) =>
    gridLine(top + frame.height * (1 - value / most), `${trimmed(value)} %`),
  );
  return svg(frame, "misses by day and class", [...grid, ...bars]);
}

/** A row for each server: what it fetched each day, against what one night may bring (the thin line). */
export function fillChart(days: readonly DayResult[], flags: readonly Flag[]): string {
  const ids = serverIds(days);
  const row = 30;
  const frame = { days: days.length, height: ids.length * row, flags };
  const step = width / days.length;
  const parts = ids.flatMap((id, at) => {
    const own = days.map(({ servers }) => servers.find((one) => one.id === id));
    const budget = Math.max(1, ...own.map((one) => one?.budgetBytes ?? 0));
    const most = Math.max(budget, ...own.map((one) => (one === undefined ? 0 : fillOf(one)))) * 1.05;
    const floor = top + (at + 1) * row - 2;
    const high = row - 6;
    const bars = own.flatMap((one, day) => {
      if (one === undefined) return [];
      let base = floor;
      return (["peer", "tier", "origin"] as const).map((kind) => {
        const height = (high * one.fill[kind]) / most;
        base -= height;
        const title = `${id}, ${days[day]?.date}: ${kind} ${gigabytes(one.fill[kind])}, in all ${((100 * fillOf(one)) / one.storageBytes).toFixed(2)} % of its storage`;
        return `<rect class="${kind}" x="${short(left + day * step + 1)}" y="${short(base)}" width="${short(step - 2)}" height="${short(height)}"><title>${title}</title></rect>`;
      });
    });
    const line = floor - (high * budget) / most;
    return [
      `<text class="end" x="${left - 6}" y="${floor - 8}">${escaped(id)}</text>`,
      ...bars,
      `<path class="budget" d="M${left} ${short(line)}H${left + width}"/><path class="grid" d="M${left} ${floor}H${left + width}"/>`,
    ];
  });
  return svg(frame, "fill of each server by day, against its budget", parts);
}

/** A row for each server, a cell for each hour: how much of what it can send it sent. */
export function heatChart(days: readonly DayResult[], flags: readonly Flag[]): string {
  const ids = serverIds(days);
  const row = 20;
  const frame = { days: days.length, height: ids.length * row, flags };
  const step = width / days.length;
  const parts = ids.flatMap((id, at) => {
    const y = top + at * row;
    const cells = days.flatMap(({ servers, date }, day) => {
      const one = servers.find((server) => server.id === id);
      if (one === undefined) return [];
      const title = `<title>${escaped(id)}, ${date}: peak ${percent(peakOf(one.utilisation))}, mean ${percent(meanOf(one.utilisation))}, ${one.state}</title>`;
      const x = left + day * step;
      const hours = quarters(one.utilisation).map(
        (value, i) =>
          `<rect class="heat" fill-opacity="${value.toFixed(2)}" x="${short(x + (i * step) / 4)}" y="${y}" width="${short(step / 4 + 0.2)}" height="${row - 2}"/>`,
      );
      const state =
        one.state === "up"
          ? ""
          : `<rect class="${one.state}" x="${short(x)}" y="${y}" width="${short(step)}" height="${row - 2}"/>`;
      return [`<g>${title}${hours.join("")}${state}</g>`];
    });
    return [`<text class="end" x="${left - 6}" y="${y + 13}">${escaped(id)}</text>`, ...cells];
  });
  return svg(frame, "utilisation of each server", parts);
}

/** Peaks of the four quarters of a day. */
function quarters(hours: readonly number[]): readonly number[] {
  const size = Math.max(1, Math.ceil(hours.length / 4));
  return [0, 1, 2, 3].map((i) => Math.min(1, peakOf(hours.slice(i * size, (i + 1) * size))));
}

function serverIds(days: readonly DayResult[]): readonly string[] {
  const last = days.at(-1)?.servers ?? [];
  return last
    .toSorted((a, b) => (a.siteId < b.siteId ? -1 : a.siteId > b.siteId ? 1 : 0))
    .map(({ id }) => id);
}

function svg(frame: Frame, label: string, parts: readonly string[]): string {
  const step = width / frame.days;
  const bottom = top + frame.height;
  const every = Math.max(1, Math.ceil(frame.days / 15));
  const ticks = Array.from({ length: frame.days }, (_, day) =>
    day % every === 0
      ? `<text class="mid" x="${short(middle(frame, day))}" y="${bottom + 14}">${day}</text>`
      : "",
  );
  const flags = frame.flags.map(({ number, at, words }) => {
    const x = short(left + at * step);
    return `<g class="flag"><title>${escaped(words)}</title><path d="M${x} ${top - 4}V${bottom}"/><circle cx="${x}" cy="${top - 11}" r="7.5"/><text class="mid" x="${x}" y="${top - 7.5}">${number}</text></g>`;
  });
  return [
    `<svg viewBox="0 0 ${left + width + 12} ${bottom + 20}" role="img" aria-label="${label}">`,
    ...parts,
    ...flags,
    ...ticks,
    `<text class="end" x="${left - 6}" y="${bottom + 14}">day</text></svg>`,
  ].join("");
}

function gridLine(y: number, label: string): string {
  return `<path class="grid" d="M${left} ${short(y)}H${left + width}"/><text class="end" x="${left - 6}" y="${short(y + 3.5)}">${label}</text>`;
}

function middle({ days }: Frame, day: number): number {
  return left + ((day + 0.5) * width) / days;
}

/** The next of some round numbers × 10ⁿ whose halves are round as well. */
function ceiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 3, 4, 5, 6, 8, 10].find((one) => one * power >= value) ?? 10) * power;
}

export function gigabytes(bytes: number): string {
  if (bytes >= 1e15) return `${(bytes / 1e15).toFixed(2)} PB`;
  return bytes >= 1e12 ? `${(bytes / 1e12).toFixed(2)} TB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function trimmed(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}
