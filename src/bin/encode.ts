// `millrace encode`: one film into a package that any HLS or DASH player plays, with the report of how it was decided.
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { defineCommand } from "citty";
import { encodeFilm } from "#encode/io/encode-film.ts";
import type { EncodeResult } from "#encode/io/encode-order.ts";
import { reportPage } from "#encode/report-page.ts";
import { encodeSettings } from "#encode/settings.ts";
import { withThumbnails } from "#encode/shot-pictures.ts";
import { movedManifest, movedMaster } from "#encode/thin-copy.ts";
import { writeWhole } from "#io/files.ts";
import { programSettings } from "#io/settings.ts";
import { findTools, type Tools } from "#io/tools.ts";
import { packTitle } from "#pack/io/pack-title.ts";
import type { ProtectionOrder } from "#pack/io/shaka-packager.ts";
import { titleId } from "#units/id.ts";
import { type Layout, layoutOf } from "./encode-layout.ts";
import { encodeOptions, encodeUsage, readEncodeOptions, type Wanted } from "./encode-options.ts";
import { type Lanes, openLanes } from "./lanes.ts";
import { homeFolder, runProgram, settingsOf } from "./program.ts";
import { freshKeys, keyFileBeside, protectionFor } from "./protect.ts";
import { probeFor } from "./second-opinion.ts";
import { refusedUsage } from "./usage.ts";

export const encodeCommand = defineCommand({
  meta: {
    name: "encode",
    description: "Encode a film shot by shot at constant slope; write package and report",
  },
  args: encodeOptions,
  run: async ({ args }) => {
    const read = readEncodeOptions(args);
    if (read.kind === "wrong") {
      refusedUsage(read.complaints, encodeUsage);
      return;
    }
    await runProgram((signal) => encode(read.wanted, signal));
  },
});

async function encode(wanted: Wanted, signal: AbortSignal): Promise<void> {
  const lanes = openLanes(process.stderr);
  try {
    await encodeWith(lanes, wanted, signal);
  } finally {
    lanes.end();
  }
}

async function encodeWith(lanes: Lanes, wanted: Wanted, signal: AbortSignal): Promise<void> {
  const { film: path, out, effort, heights, codecs, budgetSeconds, ladder, json, transport } = wanted;
  const { audio, subtitles, baselines } = wanted;
  const tools = await findTools(homeFolder(), settingsOf(programSettings), signal);
  const settings = settingsOf(encodeSettings);
  const protection = await protectionOf(wanted, tools, signal);
  const layout = layoutOf(out, protection === undefined ? "clear" : "encrypted");
  await warnOfClearWork(out, layout);
  const encoded = await encodeFilm({
    film: path,
    workDir: layout.workDir,
    effort,
    codecs,
    ladder,
    ...(heights === undefined ? {} : { heights }),
    ...(budgetSeconds === undefined ? {} : { budgetSeconds }),
    ...{ audio, subtitles },
    ...(baselines === undefined ? {} : { baselines }),
    ...{ tools, settings, signal },
    onEvent: lanes.show,
    shotPictures: "wanted",
  });
  const { film } = encoded;
  const packageFolder = join(out, "package");
  const id = titleId(`film-${film.source.sha256.slice(0, 8)}`);
  lanes.show({ kind: "working", stage: "packaging", share: undefined, etaSeconds: undefined });
  const packed = await packTitle({
    ...{ film, titleId: id, outDir: packageFolder, signal },
    ...(protection === undefined ? {} : { protection }),
    ...(transport === undefined ? {} : { transport }),
    secondOpinion: await probeFor({ tools, settings, signal }),
  });
  const [master, manifest] = await Promise.all(
    [packed.hls, packed.dash].map((file) => readFile(join(packageFolder, file), "utf8")),
  );
  await writeWhole(join(out, "hls/master.m3u8"), movedMaster(master ?? "", "../package/"));
  await writeWhole(join(out, "dash/manifest.mpd"), movedManifest(manifest ?? "", "../package/"));
  const text = await writeReport(encoded, out);
  lanes.say(`written      ${join(out, "report.html")} and ${join(out, "hls/master.m3u8")}`);
  lanes.say(layout.words);
  if (json) process.stdout.write(text);
}

/** A run without --encrypt may have left the film in the clear where this one's output gets published. */
async function warnOfClearWork(out: string, { workDir }: Layout): Promise<void> {
  const inside = join(out, "work");
  const isThere = await access(inside).then(
    () => true,
    () => false,
  );
  if (workDir === inside || !isThere) return;
  process.stderr.write(
    `warning      ${inside} is an earlier run's film in the clear: delete it before you publish\n`,
  );
}

/** report.json, the sheet its shots' pictures are on, and report.html with that sheet inside. Returns the JSON. */
async function writeReport({ report: bare, shotSheet }: EncodeResult, out: string): Promise<string> {
  const sheetName = "shots.jpg";
  const report =
    shotSheet === undefined
      ? bare
      : { ...bare, shots: withThumbnails(bare.shots, shotSheet.pictures, sheetName) };
  const text = `${JSON.stringify(report, null, 2)}\n`;
  const sheet = shotSheet && { jpegBase64: Buffer.from(shotSheet.jpeg).toString("base64") };
  if (shotSheet !== undefined) await writeWhole(join(out, sheetName), shotSheet.jpeg);
  await writeWhole(join(out, "report.json"), text);
  await writeWhole(join(out, "report.html"), reportPage(report, sheet));
  return text;
}

async function protectionOf(
  { encrypt, licenceUrl, out }: Wanted,
  tools: Tools,
  signal: AbortSignal,
): Promise<ProtectionOrder | undefined> {
  if (encrypt === undefined) return undefined;
  const { shakaPackager: packager } = settingsOf(programSettings);
  const settings = settingsOf(encodeSettings);
  const protection = await protectionFor(
    { keys: encrypt, out, licenceUrl, packager },
    { tools, settings, signal },
  );
  if (encrypt === freshKeys)
    process.stderr.write(`keys         ${keyFileBeside(out)}: keep it, and keep it to yourself\n`);
  return protection;
}
