// Subtitles of a title that a running control plane has published: which there are, one more, one less.
import { defineCommand } from "citty";
import { type SubtitleTracks, subtitleTracks } from "#wire/subtitles.ts";
import { idText } from "#wire/viewer.ts";
import { accessArgs, withControl } from "./control-access.ts";
import { readNamed } from "./named-file.ts";
import { runProgram } from "./program.ts";
import { textTable } from "./table.ts";
import { refusedUsage, usageComplaints } from "./usage.ts";

const args = {
  ...accessArgs,
  title: { type: "string", required: true, description: "The title's id" },
} as const;

const access = "--title ID [--url URL] [--as EMAIL]";

function pathOf(titleId: string): string {
  return `/v1/ops/titles/${encodeURIComponent(titleId)}/subtitles`;
}

function titleComplaint(titleId: string | undefined): readonly string[] {
  if (titleId === undefined || idText.safeParse(titleId).success) return [];
  return [`--title: wanted a title's id, found "${titleId}"`];
}

function tell({ tracks }: SubtitleTracks): void {
  const rows = tracks.map(({ id, language, name, isForced }) => [
    id,
    language,
    isForced ? "forced" : "",
    name,
  ]);
  process.stdout.write(`${textTable([["track", "language", "", "name"], ...rows])}\n`);
}

const listCommand = defineCommand({
  meta: { name: "list", description: "Tracks of a title" },
  args,
  run: async ({ args }) => {
    const wrong = usageComplaints(args, { options: ["url", "as"], needed: ["title"], words: 0 });
    if (refusedUsage([...wrong, ...titleComplaint(args.title)], `millrace subtitles list ${access}`)) return;
    await runProgram(async (signal) => {
      tell(await withControl(args, signal, (control) => control.get(pathOf(args.title), subtitleTracks)));
    });
  },
});

const addCommand = defineCommand({
  meta: { name: "add", description: "Put a WebVTT file in, beside the other tracks or in one's place" },
  args: {
    ...args,
    file: { type: "positional", required: true, description: "WebVTT in UTF-8, on the film's clock" },
    language: { type: "string", required: true, description: "BCP 47: de, pt-BR" },
    name: { type: "string", description: "What viewers choose it by; the language's own name unless given" },
    forced: { type: "boolean", default: false, description: "Shown unasked, to whoever hears the language" },
    replaces: { type: "string", description: "The track in whose place it comes, as list names it" },
  },
  run: async ({ args }) => {
    const wrong = usageComplaints(args, {
      options: ["file", "url", "as", "name", "forced", "replaces"],
      needed: ["title", "language"],
      words: 1,
    });
    const example = `millrace subtitles add FILE --language LANGUAGE [--name NAME] [--forced] [--replaces TRACK] ${access}`;
    if (refusedUsage([...wrong, ...titleComplaint(args.title)], example)) return;
    await runProgram(async (signal) => {
      const { title, language, name, forced, replaces } = args;
      const body = await readNamed(args.file);
      const query = new URLSearchParams({
        ...{ language, forced: String(forced) },
        ...(name !== undefined && { name }),
        ...(replaces !== undefined && { replaces }),
      });
      const path = `${pathOf(title)}?${query}`;
      tell(
        await withControl(args, signal, (control) =>
          control.send("POST", path, { type: "text/vtt", body }, subtitleTracks),
        ),
      );
    });
  },
});

const removeCommand = defineCommand({
  meta: { name: "remove", description: "Take a track away; plays that began before keep it" },
  args: {
    ...args,
    track: { type: "positional", required: true, description: "As list names it" },
  },
  run: async ({ args }) => {
    const wrong = usageComplaints(args, { options: ["track", "url", "as"], needed: ["title"], words: 1 });
    const example = `millrace subtitles remove TRACK ${access}`;
    if (refusedUsage([...wrong, ...titleComplaint(args.title)], example)) return;
    await runProgram(async (signal) => {
      const path = `${pathOf(args.title)}/${encodeURIComponent(args.track)}`;
      tell(
        await withControl(args, signal, (control) => control.send("DELETE", path, undefined, subtitleTracks)),
      );
    });
  },
});

export const subtitlesCommand = defineCommand({
  meta: { name: "subtitles", description: "WebVTT tracks of a published title" },
  subCommands: { list: listCommand, add: addCommand, remove: removeCommand },
});
