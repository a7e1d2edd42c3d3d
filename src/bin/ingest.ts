// From a master film to a package in the origin store, with one line per stage. Joins encode and pack.
import { createHash } from "node:crypto";
import { access } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { withDefault } from "#config/setting.ts";
import type { StoredTitle } from "#data/ports.ts";
import { encodeFilm } from "#encode/io/encode-film.ts";
import type { EncodeEvent } from "#encode/io/encode-order.ts";
import { encodeSettings, startSide } from "#encode/settings.ts";
import { sha256Of } from "#io/files.ts";
import type { Tools } from "#io/tools.ts";
import { packTitle } from "#pack/io/pack-title.ts";
import type { ProtectionOrder } from "#pack/io/shaka-packager.ts";
import { packSettings } from "#pack/settings.ts";
import { titleId } from "#units/id.ts";
import { type EncodeReport, keptReport } from "#wire/encode-report.ts";
import { metricWords, savedWords } from "./encode-words.ts";
import { settingsOf } from "./program.ts";
import { probeFor } from "./second-opinion.ts";
import { bar, countdown, kilobits, megabytes, type StageLine, type Terminal } from "./terminal.ts";

export interface IngestOrder {
  readonly film: string;
  readonly name: string;
  readonly effort: "draft" | "standard" | "exhaustive";
  readonly home: string;
  readonly tools: Tools;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** What encrypts the title; undefined: it stays clear. */
  readonly protectionFor: ((id: string) => Promise<ProtectionOrder>) | undefined;
  /** The title when it was published before: then nothing is done again. */
  readonly published: (id: string) => Promise<StoredTitle | undefined>;
}

/** Folder of a title in the origin store. */
export function titleFolder(home: string, id: string): string {
  return join(home, "origin/v", id);
}

/** Encodes and packs a film, or finds that it was done before. */
export async function ingest(order: IngestOrder): Promise<{ title: StoredTitle; fresh: boolean }> {
  const line = order.terminal.stage("ingest");
  line.progress(`reading ${basename(order.film)}`);
  const settings = settingsOf(withDefault(encodeSettings, "maxDisplaySide", startSide));
  const marks = [
    ...(settings.maxDisplaySide === startSide ? [] : [`${settings.maxDisplaySide}`]),
    ...(order.protectionFor === undefined ? [] : ["cbcs"]),
  ];
  const id = titleId(await idOf(order, marks));
  const before = await order.published(id);
  const kept = await access(titleFolder(order.home, id)).then(
    () => true,
    () => false,
  );
  if (before !== undefined && kept) {
    recall(order.terminal, line, before);
    return { title: before, fresh: false };
  }
  // Before any work: keys that cannot be kept are told now.
  const protection = await order.protectionFor?.(id);
  const stages = new Lines(order.terminal, line);
  const { tools, signal } = order;
  const encoded = await encodeFilm({
    film: order.film,
    workDir: join(order.home, "work"),
    effort: order.effort,
    ...{ tools, settings, signal },
    onEvent: (event) => stages.show(event),
  }).catch((error: unknown) => {
    stages.fail();
    throw error;
  });
  stages.rungs(encoded.report.ladder);
  const packing = stages.next("package");
  const packed = await packTitle({
    film: encoded.film,
    titleId: id,
    outDir: titleFolder(order.home, id),
    shared: join(order.home, "origin/shared"),
    settings: settingsOf(packSettings),
    signal,
    secondOpinion: await probeFor({ tools, settings, signal }),
    ...(protection === undefined ? {} : { protection }),
  });
  const bytes = packed.renditions.reduce((sum, rendition) => sum + rendition.bytes, 0);
  const segments = packed.renditions.reduce((sum, rendition) => sum + rendition.files.length, 0);
  packing.done(
    `CMAF with HLS and DASH${protection === undefined ? "" : ", encrypted (cbcs)"} · ${packed.renditions.length} renditions · ${segments} files · ${megabytes(bytes)}`,
  );
  const title = { id, name: order.name, package: packed, report: encoded.report, publishedAtMs: Date.now() };
  return { title, fresh: true };
}

/** The id changes with the film and with how it is encoded, so that published names are never reused. */
async function idOf(order: IngestOrder, marks: readonly string[]): Promise<string> {
  const film = await sha256Of(order.film, order.signal);
  const mark = createHash("sha256")
    .update([film, order.effort, "2", ...marks].join(" "))
    .digest("hex")
    .slice(0, 8);
  const slug = order.name
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 40);
  return `${slug === "" ? "film" : slug}-${mark}`;
}

/** "tears-of-steel.webm" → "Tears of steel" */
export function nameOf(path: string): string {
  const words = basename(path, extname(path))
    .replaceAll(/[-_.]+/g, " ")
    .trim();
  return words === "" ? "Film" : words.charAt(0).toUpperCase() + words.slice(1);
}

/** Walks through the stages as the encoder reports them. */
class Lines {
  readonly #terminal: Terminal;
  #line: StageLine;
  #trialsAreDone = false;

  constructor(terminal: Terminal, first: StageLine) {
    this.#terminal = terminal;
    this.#line = first;
  }

  next(name: string): StageLine {
    this.#line = this.#terminal.stage(name);
    return this.#line;
  }

  rungs(ladder: EncodeReport["ladder"]): void {
    this.#line.done(rungWords(ladder));
  }

  fail(): void {
    this.#line.failed("see below");
  }

  show(event: EncodeEvent): void {
    switch (event.kind) {
      case "working": {
        const { stage, share, etaSeconds } = event;
        const far = share === undefined || share === 0 ? "…" : `${bar(share)} ${countdown(etaSeconds)}`;
        this.#line.progress(`${stage} ${far}`);
        return;
      }
      case "probed": {
        const { width, height, frameRate, frames, duration, audio } = event.source;
        const sound = audio === undefined ? "no sound" : `${audio.codec} ${audio.channels} ch`;
        const rate = (frameRate.num / frameRate.den).toFixed(2).replace(/\.00$/, "");
        this.#line.done(
          `${event.fileName} · ${width}×${height} · ${rate} fps · ${frames} frames · ${duration.toFixed(1)} s · ${sound}`,
        );
        for (const reason of event.mended) this.#terminal.say(`          mended: ${reason}`);
        this.next("shots");
        return;
      }
      case "shots": {
        this.#line.done(
          `${event.shots.length} shots · ${event.plan.boundaries.length} segments, each starts at a keyframe`,
        );
        this.next("trial encodes");
        return;
      }
      case "metric":
        if (event.metric.name === "vmaf") return;
        this.#terminal.warn(`quality is ${metricWords(event.metric)}`);
        return;
      case "trials": {
        const count = `${event.done}/${event.total}`;
        // Told again and again where all of them lay there already.
        if (this.#trialsAreDone) return;
        if (event.done < event.total)
          this.#line.progress(`${count} ${bar(event.done / event.total)} ${countdown(event.etaSeconds)}`);
        else {
          this.#trialsAreDone = true;
          this.#line.done(`${event.total} whole-film encodes scored per shot · ${event.reused} reused`);
          this.next("hulls");
        }
        return;
      }
      case "hulls":
        this.#line.done(hullWords(event.hulls.length, event.bitsSavedPercent, event.plainCrf));
        this.next("rungs");
        return;
      case "scoring":
      case "encoding":
        this.#line.progress(
          `${event.done}/${event.total} ${bar(event.done / event.total)} ${countdown(event.etaSeconds)}`,
        );
        return;
      case "encoded":
        // Said when the report is there: what each rung came to, not what was aimed at.
        return;
    }
  }
}

function hullWords(hulls: number, saved: number | undefined, plainCrf: number | undefined): string {
  return `${hulls} hulls · ${savedWords(saved, plainCrf)}`;
}

function rungWords(ladder: EncodeReport["ladder"]): string {
  return ladder.map((rung) => `${rung.height}p ${kilobits(rung.bitrateBps)}`).join(" · ");
}

/** The same lines for a title that is already there, from its own report. */
function recall(terminal: Terminal, line: StageLine, title: StoredTitle): void {
  const report = keptReport.parse(title.report);
  line.done(`${report.source.file} · published before as ${title.id}`);
  terminal.stage("shots").done(`${report.shots.length} shots`);
  terminal.stage("trial encodes").done(`${report.trials.length} points, all done before`);
  const saved = report.bdRatePercent.fixedLadder;
  terminal
    .stage("hulls")
    .done(hullWords(report.hulls.length, saved === null ? undefined : -saved, report.fixedLadder[0]?.crf));
  terminal.stage("rungs").done(rungWords(report.ladder));
  const bytes = title.package.renditions.reduce((sum, rendition) => sum + rendition.bytes, 0);
  terminal.stage("package").done(`${title.package.renditions.length} renditions · ${megabytes(bytes)}`);
}
