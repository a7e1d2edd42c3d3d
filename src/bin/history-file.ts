// A history of who watched what, from a file: lines of JSON, or columns with commas like those of MovieLens.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { Watched } from "#catalog/taste.ts";
import { Fault, type FaultTable } from "#units/fault.ts";

const faults = {
  unfit: { code: "history-unfit", status: 422, sentence: "{path}, line {line}: {because}." },
  tooLong: {
    code: "history-too-long",
    status: 422,
    sentence: "{path} has more than {most} lines; raise MILLRACE_TASTE_PLAYS to read more.",
  },
} as const satisfies FaultTable;

const jsonLine = z.object({
  profileId: z.string().min(1),
  titleId: z.string().min(1),
  atMs: z.number().default(0),
});

/** Names of columns, ours first. A rating below `likedFrom` is no liking, as in the trials of the papers. */
const columns = {
  profileId: ["profileId", "userId"],
  titleId: ["titleId", "movieId"],
  at: ["atMs", "timestamp"],
};
const likedFrom = 4;

type Read = (text: string) => Watched | "not-liked" | { readonly because: string };

/** @throws Fault history-unfit with the line, history-too-long */
export async function readHistory(path: string, most: number): Promise<readonly Watched[]> {
  const watched: Watched[] = [];
  let line = 0;
  let read: Read | undefined;
  for await (const text of createInterface({ input: createReadStream(path, "utf8"), crlfDelay: 1e9 })) {
    line += 1;
    if (text.trim() === "") continue;
    if (read === undefined && !text.startsWith("{")) {
      const header = columnReader(text.replace(/^\uFEFF/, "").split(","));
      if (typeof header !== "function")
        throw new Fault(faults.unfit, { path, line, because: header.because });
      read = header;
      continue;
    }
    read ??= readJson;
    const found = read(text);
    if (found === "not-liked") continue;
    if ("because" in found) throw new Fault(faults.unfit, { path, line, because: found.because });
    if (watched.length >= most) throw new Fault(faults.tooLong, { path, most });
    watched.push(found);
  }
  return watched;
}

function readJson(text: string): ReturnType<Read> {
  try {
    const parsed = jsonLine.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : { because: "wanted {profileId, titleId, atMs}" };
  } catch {
    return { because: "it is not JSON" };
  }
}

function columnReader(names: readonly string[]): Read | { readonly because: string } {
  const find = (wanted: readonly string[]): number => names.findIndex((name) => wanted.includes(name.trim()));
  const [profile, title, at, rating] = [
    find(columns.profileId),
    find(columns.titleId),
    find(columns.at),
    find(["rating"]),
  ];
  if (profile < 0 || title < 0) {
    return {
      because: `wanted columns profileId and titleId (or userId and movieId), found ${names.join(", ")}`,
    };
  }
  return (text) => {
    const cells = text.split(",");
    if (text.includes('"') || cells.length !== names.length) {
      return { because: `wanted ${names.length} cells without quotes, found ${cells.length}` };
    }
    if (rating >= 0 && !(Number(cells[rating]) >= likedFrom)) return "not-liked";
    const [profileId = "", titleId = ""] = [cells[profile], cells[title]];
    if (profileId === "" || titleId === "") return { because: "profile and title must not be empty" };
    const atMs = Number(cells[at] ?? 0);
    return Number.isFinite(atMs) ? { profileId, titleId, atMs } : { because: `"${cells[at]}" is no moment` };
  };
}
