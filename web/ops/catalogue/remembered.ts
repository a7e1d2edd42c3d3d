// Which upload belongs to which file, in this browser: after a reload the same file, chosen again, goes on where it was.
import { z } from "zod";

const key = "millrace.uploads";
/** The oldest is forgotten first. */
const most = 50;
const kept = z.array(z.object({ file: z.string(), path: z.string() }));

/** The same file, as far as a page may know: name, size, and time of its last change. */
export function fingerprint({
  name,
  size,
  lastModified,
}: Pick<File, "name" | "size" | "lastModified">): string {
  return `${size} ${lastModified} ${name}`;
}

export function rememberedPath(file: string): string | undefined {
  return all().find((one) => one.file === file)?.path;
}

export function remember(file: string, path: string): void {
  write([{ file, path }, ...all().filter((one) => one.file !== file)].slice(0, most));
}

export function forget(path: string): void {
  write(all().filter((one) => one.path !== path));
}

function all(): z.infer<typeof kept> {
  try {
    return kept.safeParse(JSON.parse(localStorage.getItem(key) ?? "[]")).data ?? [];
  } catch {
    return [];
  }
}

function write(uploads: z.infer<typeof kept>): void {
  try {
    localStorage.setItem(key, JSON.stringify(uploads));
  } catch {
    // A browser that stores nothing sends the file all the same, in one go.
  }
}
