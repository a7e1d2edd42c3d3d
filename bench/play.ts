// Claim: our rule in Shaka Player beside Shaka Player, hls.js and dash.js as shipped, in real Chromium, on one package, over one shaped
// link, in one run. Real time: a film of 90 s on 6 networks, 3 times by 4 players, takes about two hours.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultsOf } from "#config/setting.ts";
import { programSettings } from "#io/settings.ts";
import { findTools } from "#io/tools.ts";
import { hasRecorded, recordedFolder } from "#play/io/scenario.ts";
import { readTraces } from "#play/io/traces.ts";
import type { Trace } from "#play/sim-network.ts";
import { bundle } from "#tools/build-abr.ts";
import type { BenchResult } from "./bench.ts";
import { home } from "./encode-clips.ts";
import { type Figures, type Judged, judge, markdown, middle } from "./play-figures.ts";
import { filmHere, type PlayedFilm } from "./play-film.ts";
import { type Kept, keptIn } from "./play-kept.ts";
import { missingForLink, openLink } from "./play-link.ts";
import { type Course, contestants, fitted, programme, shaping, stairs } from "./play-plan.ts";
import { type Predicted, predicted, soundKbps } from "./play-predict.ts";
import { patienceMs, show, type Theatre } from "./play-theatre.ts";

/** Medians as a table for a document, instead of a row per showing. */
export const parts = ["markdown"] as const;

type Row = Readonly<Record<string, string | number>>;

const folder = join(home, "bench/play");
const recorded = [
  ...["report_bus_0001", "report_train_0001", "report_foot_0001"].map((name) => `ghent-lte-4g/${name}`),
  ...["profile01", "profile04", "profile07"].map((name) => `dashif-profiles/${name}`),
];
const runs = 3;
const quickSeconds = 60;
/** The mean of every network, as a share of the highest rung with its sound: enough for the middle of the ladder, not for its top. */
const share = 0.75;
/** What a showing takes beside the film: browser, page, server. */
const aroundSeconds = 12;

interface Network {
  readonly trace: Trace;
  readonly factor: number;
  readonly predicted: Predicted;
}

interface Measured extends Course {
  readonly judged: Judged;
}

export async function bench(quick: boolean, wanted: readonly string[]): Promise<BenchResult> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new Error("stopped: the same command goes on from here"));
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, onSignal);
  const tools = await findTools(home, defaultsOf(programSettings), stop.signal);
  const film = await filmHere(folder, tools, stop.signal);
  const untilS = quick ? Math.min(quickSeconds, film.seconds) : film.seconds;
  const networks = await networksFor(film, untilS, quick ? 1 : undefined);
  const claim = "our rule in Shaka Player beside three players as shipped, in Chromium over one shaped link";
  const missing = [...(await missingForLink()), ...(tools.chromium === undefined ? ["chromium"] : [])];
  if (missing.length > 0 || tools.chromium === undefined) {
    const why = `no browser was run: missing are ${missing.join(", ")}. The rows are the simulator's, for our rule alone`;
    return { claim, rows: networks.map(simulated), notes: [why, ...notes(networks, film)] };
  }
  const courses = programme(networks.length, quick ? 1 : runs);
  await bundle("src/abr/entry.ts", join(folder, "built"), "abr");
  const kept = keptIn(folder, await conditions(film, networks, untilS, courses.length));
  const link = await openLink(stop.signal);
  const theatre = { link, browserPath: tools.chromium.path, folder, signal: stop.signal };
  try {
    const measured = await measure({ theatre, kept, film, networks, untilS }, courses);
    const rows = wanted.includes("markdown") ? summary(measured, networks) : rowsOf(measured, networks);
    const failed = measured.some(({ judged }) => judged.kind === "failed");
    // What failed is tried again by the same command; what was measured stays.
    const where = failed ? "some showings failed: the same command tries them again" : await kept.complete();
    const text = wanted.includes("markdown") ? { text: markdown(rows) } : {};
    return {
      claim,
      rows,
      ...text,
      notes: [`what was seen: ${where}`, ...notes(networks, film), ...aboutPlayers],
    };
  } finally {
    await link.close();
  }
}

async function networksFor(
  film: PlayedFilm,
  untilS: number,
  most: number | undefined,
): Promise<readonly Network[]> {
  const top = Math.max(...film.sidecar.renditions.map(({ bitrateBps }) => bitrateBps)) / 1000;
  const wantedKbps = share * (top + soundKbps(film.sidecar));
  const read = hasRecorded()
    ? await Promise.all(recorded.map((name) => readTraces(join(recordedFolder, `${name}.json`))))
    : [{ traces: stairs() }];
  const traces = read.flatMap((one) => one.traces).slice(0, most);
  return traces.map((given) => {
    // Of the whole film, so that a quick run is the beginning of a long one.
    const { trace, factor } = fitted(given, wantedKbps, film.seconds * 1000);
    return { trace, factor, predicted: predicted(film.sidecar, trace, untilS) };
  });
}

async function conditions(
  film: PlayedFilm,
  networks: readonly Network[],
  untilS: number,
  showings: number,
): Promise<readonly string[]> {
  const versions = ["shaka-player", "hls.js", "dashjs"].map((name) =>
    readFile(join("node_modules", name, "package.json"), "utf8"),
  );
  const rule = await readFile(join(folder, "built/abr.js"), "utf8");
  const page = await readFile("test/fixtures/players/side.ts", "utf8");
  const plans = networks.map(({ trace }) => JSON.stringify([trace.name, shaping(trace, untilS * 1000)]));
  return [film.text, rule, page, ...(await Promise.all(versions)), ...plans, `${untilS} ${showings}`];
}

interface Measuring {
  readonly theatre: Theatre;
  readonly kept: Kept;
  readonly film: PlayedFilm;
  readonly networks: readonly Network[];
  readonly untilS: number;
}

async function measure(measuring: Measuring, courses: readonly Course[]): Promise<readonly Measured[]> {
  const { theatre, kept, film, networks, untilS } = measuring;
  const named = courses.map((course) => ({ ...course, trace: networks[course.trace]?.trace.name ?? "" }));
  const found = await Promise.all(named.map((name) => kept.find(name)));
  let left = found.filter((one) => one === undefined).length;
  const [begun, all, measured]: [number, number, Measured[]] = [performance.now(), left, []];
  say(
    `${courses.length} showings of ${untilS.toFixed(0)} s, ${courses.length - left} kept from a run that was stopped: about ${minutes(left * (untilS + aroundSeconds))}`,
  );
  for (const [index, course] of courses.entries()) {
    const network = networks[course.trace];
    const name = named[index];
    if (network === undefined || name === undefined) continue;
    const before = found[index];
    const changes = shaping(network.trace, patienceMs(untilS));
    const seen = before ?? { ...name, ...(await show(theatre, changes, course.player, untilS)) };
    const judged = judge(seen, film.sidecar, untilS);
    measured.push({ ...course, judged });
    if (before !== undefined) continue;
    if (judged.kind === "figures") await kept.keep(seen);
    left -= 1;
    const each = (performance.now() - begun) / 1000 / (all - left);
    say(
      `${index + 1} of ${courses.length}  ${name.trace} ${name.run} ${name.player}: ${told(judged)}  ETA ${minutes(left * each)}`,
    );
  }
  return measured;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function minutes(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${`${whole % 60}`.padStart(2, "0")} min`;
}

function told(judged: Judged): string {
  if (judged.kind === "failed") return `failed: ${judged.because}`;
  return Object.entries(cells(judged.figures))
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

function cells(figures: Figures): Row {
  return {
    firstFrameMs: Math.round(figures.firstFrameMs),
    rebufferPercent: digits(figures.rebufferRatio * 100, 2),
    stalls: figures.stalls,
    slowMs: Math.round(figures.slowMs),
    droppedPercent: digits(figures.droppedShare * 100, 1),
    vmaf: figures.vmaf === undefined ? "" : digits(figures.vmaf, 2),
    kbps: Math.round(figures.kbps),
    switches: figures.switches,
    again: figures.again,
  };
}

function rowsOf(measured: readonly Measured[], networks: readonly Network[]): readonly Row[] {
  const each = measured.map(({ trace, run, player, judged }) => {
    const network = networks[trace];
    const head = { trace: network?.trace.name ?? "", run: run + 1, player };
    return judged.kind === "failed"
      ? { ...head, failed: judged.because }
      : { ...head, ...figured(judged.figures, player, network) };
  });
  return [...each, ...summary(measured, networks)];
}

/** Of our rule alone: what the simulator says of it, and how far off that is. */
function figured(figures: Figures, player: string, network: Network | undefined): Row {
  if (player !== "ours" || network === undefined) return cells(figures);
  const off = (network.predicted.kbps / figures.kbps - 1) * 100;
  return {
    ...cells(figures),
    simulatedKbps: Math.round(network.predicted.kbps),
    simulatorOffPercent: digits(off, 1),
  };
}

/** Medians over the runs of a network, then over everything. */
function summary(measured: readonly Measured[], networks: readonly Network[]): readonly Row[] {
  const rows = networks.flatMap((network, trace) =>
    contestants.map((player) =>
      middleRow(
        network.trace.name,
        player,
        measured.filter((one) => one.trace === trace),
        network,
      ),
    ),
  );
  const all = contestants.map((player) => middleRow("all", player, measured, undefined));
  return networks.length > 1 ? [...rows, ...all] : rows;
}

function middleRow(
  trace: string,
  player: string,
  measured: readonly Measured[],
  network: Network | undefined,
): Row {
  const of = measured.filter((one) => one.player === player);
  const figures = of.flatMap(({ judged }) => (judged.kind === "figures" ? [judged.figures] : []));
  const head = { trace, run: `median of ${figures.length}`, player };
  const failed = of.length - figures.length;
  const more: Row = failed > 0 ? { failed: `${failed} of ${of.length}` } : {};
  return figures.length === 0
    ? { ...head, ...more }
    : { ...head, ...figured(middle(figures), player, network), ...more };
}

function simulated({ trace, factor, predicted: { kbps, stallMs } }: Network): Row {
  return {
    trace: trace.name,
    player: "ours, simulated",
    factor: digits(factor, 4),
    kbps: Math.round(kbps),
    stallMs: Math.round(stallMs),
  };
}

function notes(networks: readonly Network[], film: PlayedFilm): readonly string[] {
  const rungs = film.sidecar.renditions.map(({ bitrateBps }) => Math.round(bitrateBps / 1000)).join(", ");
  const factors = networks.map(({ trace, factor }) => `${trace.name} × ${digits(factor, 4)}`).join(", ");
  const made = hasRecorded()
    ? []
    : [`no ${recordedFolder} beside this clone: made networks, which say little`];
  return [
    `rungs ${rungs} kbit/s; rates of a network are times one factor, so that its mean is ${share} of the highest: ${factors}`,
    ...made,
  ];
}

const aboutPlayers = [
  "players are as shipped, their buffers too: Shaka Player holds 10 s, dash.js 18 s, hls.js 30 s and more, ours up to 60 s and half the film",
  "slowMs and droppedPercent are the machine's: where they are large, too much else runs on it. Shaka Player's bans for dropped frames are off, also where our rule plays",
];

function digits(value: number, count: number): number {
  return Number(value.toFixed(count));
}
