// Other subtitles for a title that is published. Files first, then the second copy, then the one row that makes them count: whatever
// dies in between leaves the title as it was. One change of a title at a time; where another wrote the row meanwhile, nothing is done.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { controlFaults } from "#control/faults.ts";
import type { StoredTitle } from "#data/ports.ts";
import { languageName, languageOf, titleOf } from "#encode/tracks.ts";
import type { TitlePackage } from "#model/package.ts";
import { readManifests, sweepRevisions, writeRevision } from "#pack/io/revise-title.ts";
import { revise, type SubtitleChange } from "#pack/revision.ts";
import { readSubtitleFile } from "#pack/subtitle-file.ts";
import { listedSubtitles, type Manifests } from "#pack/subtitle-sets.ts";
import { vttText } from "#pack/webvtt.ts";
import { Fault } from "#units/fault.ts";
import type { SubtitleTracks, SubtitleWish } from "#wire/subtitles.ts";
import { type Desk, replan } from "./desk.ts";

/** The disk that the origin serves, where it is this machine's. */
export interface OriginStore {
  /** Titles lie in its folder `v`. */
  readonly folder: string;
  readonly maxSubtitleBytes: number;
}

const hourMs = 3_600_000;
/** A play that began just before the change, and the last segment of it. */
const marginMs = hourMs;
/** Whoever asked waits for the second copy so long: nothing is changed without it. */
const copyMs = 20_000;

export class SubtitleRoom {
  readonly maxBytes: number;
  readonly #folder: string;
  /** By title, the change under way. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor({ folder, maxSubtitleBytes }: OriginStore) {
    this.#folder = folder;
    this.maxBytes = maxSubtitleBytes;
  }

  /** @throws Fault unknown-title, title-away */
  async tracks(desk: Desk, titleId: string): Promise<SubtitleTracks> {
    const { package: title } = await storedTitle(desk, titleId);
    return this.#tracksOf(title);
  }

  /** @throws Fault subtitles-refused, and like remove */
  async put(desk: Desk, titleId: string, wish: SubtitleWish, file: Uint8Array): Promise<SubtitleTracks> {
    const { package: title } = await storedTitle(desk, titleId);
    const language = languageOf(wish.language);
    if (language === "und" && wish.language !== "und") throw refused(`${wish.language} names no language`);
    const filmMs = Math.round(title.duration * 1000);
    const read = readSubtitleFile(file, { filmMs, maxBytes: this.maxBytes });
    if (read.kind === "refused") throw refused(read.because);
    const track = {
      language,
      name: titleOf(wish.name) || languageName(language),
      isForced: wish.forced === "true",
    };
    const { replaces } = wish;
    return this.#change(desk, titleId, { kind: "put", track, text: vttText(read.cues), replaces });
  }

  /** @throws Fault unknown-title, unknown-track, title-changed, copy-away, title-away */
  remove(desk: Desk, titleId: string, id: string): Promise<SubtitleTracks> {
    return this.#change(desk, titleId, { kind: "remove", id });
  }

  async #change(desk: Desk, titleId: string, change: SubtitleChange): Promise<SubtitleTracks> {
    const before = this.#turns.get(titleId) ?? Promise.resolve();
    const turn = before.then(() => this.#changeNow(desk, titleId, change));
    const ended = turn.catch(() => undefined);
    this.#turns.set(titleId, ended);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(titleId) === ended) this.#turns.delete(titleId);
    }
  }

  async #changeNow(desk: Desk, titleId: string, change: SubtitleChange): Promise<SubtitleTracks> {
    const { clock, logger } = desk;
    const { stores, settings } = desk.ports;
    const { package: title } = await storedTitle(desk, titleId);
    const folder = this.#folderOf(title);
    const revision = revise({
      ...{ title, change, manifests: await manifestsIn(folder, title), nowMs: clock.wallMs() },
      ...{ keepMs: settings.playHours * hourMs + marginMs, digest: sha256Of },
    });
    if (revision.kind === "unknown-track") {
      throw new Fault(controlFaults.unknownTrack, { titleId, track: revision.id });
    }
    if (revision.kind === "refused") throw refused(revision.because);
    if (revision.kind === "unchanged") return this.#tracksOf(title);
    const signal = AbortSignal.timeout(copyMs);
    await writeRevision(folder, revision.files, signal);
    await keepCopy(desk, revision.title, signal);
    if (!(await stores.catalog.revise(titleId, title, revision.title))) {
      throw new Fault(controlFaults.titleChanged, { titleId });
    }
    await replan(desk);
    await sweepRevisions(folder, revision.title).catch((error: unknown) =>
      logger.warn(
        { err: error, title: titleId },
        "files that nobody plays any more stay until the next change",
      ),
    );
    return this.#tracksOf(revision.title);
  }

  async #tracksOf(title: TitlePackage): Promise<SubtitleTracks> {
    const { dash } = await manifestsIn(this.#folderOf(title), title);
    return { titleId: title.titleId, tracks: [...listedSubtitles(dash)] };
  }

  #folderOf({ titleId }: TitlePackage): string {
    return join(this.#folder, "v", titleId);
  }
}

/** As the database has it now: what is in memory may be older. */
async function storedTitle({ ports }: Desk, titleId: string): Promise<StoredTitle> {
  const stored = await ports.stores.catalog.title(titleId);
  if (stored === undefined) throw new Fault(controlFaults.unknownTitle, { titleId });
  return stored;
}

/** @throws Fault title-away */
async function manifestsIn(folder: string, title: TitlePackage): Promise<Manifests> {
  return readManifests(folder, title).catch((error: unknown) => {
    if (!(error instanceof Fault)) throw error;
    const { titleId } = title;
    throw new Fault(controlFaults.titleAway, { titleId, path: error.facts.path ?? "" }, error);
  });
}

/** @throws Fault copy-away */
async function keepCopy({ archive }: Desk, title: TitlePackage, signal: AbortSignal): Promise<void> {
  try {
    await archive?.keepTitle(title, signal);
  } catch (error) {
    throw new Fault(controlFaults.copyAway, { titleId: title.titleId }, error);
  }
}

function refused(because: string): Fault {
  return new Fault(controlFaults.subtitlesRefused, { because });
}

function sha256Of(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
