// Which build of a program makes the pictures: the words it says of itself do not change when the library does that encodes.
// Every executable and library carries an id that its linker made from its contents. Only libraries that pictures and sound
// go through count, or each update of the sound server would have everything encoded anew.
// Source: System V gABI, chapters 4 and 5; ld(1), --build-id.
import { constants } from "node:fs";
import { access, open, realpath } from "node:fs/promises";
import { basename, delimiter, join } from "node:path";
import { milliseconds } from "#units/quantity.ts";
import { sha256Of } from "./files.ts";
import { run } from "./process.ts";

/** ffmpeg's own libraries, the codecs, what scales and scores, and the mathematics that rate control is made of. */
const formative =
  /^lib(av(codec|filter|format|util)|sw(scale|resample)|postproc|x26[45]|vpx|SvtAv1Enc|aom|dav1d|opus|zimg|vmaf|m|mvec)(\.|-\d)/;

/** The ids of the program and of every library that shapes what it makes: `name id`, sorted. */
export async function buildParts(program: string, signal: AbortSignal): Promise<readonly string[]> {
  const path = program.includes("/") ? program : await inPath(program);
  if (path === undefined) return [];
  return partIds([path, ...formativeIn(await librariesOf(path, signal))], signal);
}

/** Paths of libraries in what ldd(1) prints: "libx264.so.164 => /lib/libx264.so.164 (0x00007f…)". */
export function formativeIn(text: string): readonly string[] {
  const paths = [...text.matchAll(/^\s*(\S+) => (\/.+) \(0x[0-9a-f]+\)$/gm)];
  return paths.flatMap(([, name = "", path = ""]) => (formative.test(name) ? [path] : []));
}

export async function partIds(paths: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
  const ids = await Promise.all(
    paths.map(async (path) => {
      const real = await realpath(path);
      return `${basename(path)} ${buildIdIn(await headOf(real)) ?? (await sha256Of(real, signal))}`;
    }),
  );
  return ids.sort();
}

/** Empty for a program that is one file. Without this process's environment, as the program itself runs in its sandbox. */
async function librariesOf(path: string, signal: AbortSignal): Promise<string> {
  const { PATH = "" } = process.env;
  try {
    const order = { signal, deadline: milliseconds(15_000), env: { PATH } };
    return (await run({ argv: ["ldd", await realpath(path)], ...order })).stdout;
  } catch {
    signal.throwIfAborted();
    return "";
  }
}

/** Where linkers put the id; every file of a usual system has it in the first kilobyte. */
const headBytes = 16_384;

async function headOf(path: string): Promise<Uint8Array> {
  const handle = await open(path, "r");
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

const noteSegment = 4;
const buildIdNote = 3;

/** Undefined when these are not the first bytes of a 64-bit little-endian ELF file with an id in them. */
export function buildIdIn(head: Uint8Array): string | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (bytes.length < 64 || bytes.toString("latin1", 0, 6) !== "\x7fELF\x02\x01") return undefined;
  const [table, size, count] = [
    Number(bytes.readBigUInt64LE(32)),
    bytes.readUInt16LE(54),
    bytes.readUInt16LE(56),
  ];
  for (let index = 0; index < count; index++) {
    const at = table + index * size;
    if (size < 56 || at + size > bytes.length) return undefined;
    if (bytes.readUInt32LE(at) !== noteSegment) continue;
    const from = Number(bytes.readBigUInt64LE(at + 8));
    const notes = bytes.subarray(from, from + Number(bytes.readBigUInt64LE(at + 32)));
    const found = buildIdAmong(notes);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A note: sizes of name and content, type, then both, each filled up to four bytes. */
function buildIdAmong(notes: Buffer): string | undefined {
  const filled = (size: number): number => Math.ceil(size / 4) * 4;
  for (let at = 0; at + 12 <= notes.length; ) {
    const [name, content, type] = [0, 4, 8].map((offset) => notes.readUInt32LE(at + offset));
    if (name === undefined || content === undefined) return undefined;
    const from = at + 12 + filled(name);
    const isGnu = notes.toString("latin1", at + 12, at + 12 + name) === "GNU\0";
    if (isGnu && type === buildIdNote && content > 0 && from + content <= notes.length)
      return notes.toString("hex", from, from + content);
    at = from + filled(content);
  }
  return undefined;
}

async function inPath(program: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, program);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (folder !== "" && isThere) return path;
  }
  return undefined;
}
