// An MRT file from beginning to end, as it is or compressed with gzip. Everything that is wrong with it ends in a sentence.
import { type FileHandle, open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { CollectedOrder } from "#bgp/collected.ts";
import { hearMrt, type MrtReader, mrtReader } from "#bgp/mrt.ts";

export interface MrtFile {
  readonly handle: FileHandle;
  close(): Promise<void>;
}

/** Stays the same file while it is open, though another one takes its name. */
export async function openMrt(path: string): Promise<MrtFile> {
  const handle = await open(path, "r");
  return { handle, close: () => handle.close() };
}

/**
 * Reads the whole file into `reader`.
 *
 * @throws Error that says what is wrong with the file
 */
export async function readMrt(file: MrtFile, reader: MrtReader): Promise<void> {
  let octets = 0;
  for await (const chunk of await octetsOf(file)) {
    if (!(chunk instanceof Uint8Array)) throw new Error("octets were wanted");
    const because = hearMrt(reader, chunk);
    if (because !== undefined) throw new Error(`after octet ${octets - reader.stream.held}: ${because}`);
    octets += chunk.length;
  }
  const { held } = reader.stream;
  if (held > 0) {
    throw new Error(`it ends inside of a record that begins at octet ${octets - held}: it was cut off`);
  }
  const { taken, passedOver, broken } = reader.collected.counts;
  if (octets === 0) throw new Error("it is empty");
  if (broken > 0 && taken + passedOver === 0)
    throw new Error("no record in it can be read: it is no MRT file");
}

/** Whether the file can be read to its end, and how many paths of wanted neighbours there are; nothing is kept. */
export async function checkMrt(
  file: MrtFile,
  order: Pick<CollectedOrder, "siteId" | "filter" | "wants">,
): Promise<{ readonly paths: number; readonly neighbours: number }> {
  const neighbours = new Set<string>();
  let paths = 0;
  const wants = (address: string): boolean => {
    if (order.wants?.(address) !== false) {
      paths += 1;
      neighbours.add(address);
    }
    return false;
  };
  await readMrt(file, mrtReader({ ...order, seed: 0, wants }));
  return { paths, neighbours: neighbours.size };
}

const gzipMark = "1f8b";
const strange: Readonly<Record<string, string>> = { "425a": "bzip2", fd37: "xz", "28b5": "zstd" };

async function octetsOf({ handle }: MrtFile): Promise<Readable> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  const mark = buffer.subarray(0, bytesRead).toString("hex");
  const other = strange[mark];
  if (other !== undefined) throw new Error(`it is compressed with ${other}; unpack it, or use gzip`);
  const plain = handle.createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 18 });
  if (mark !== gzipMark) return plain;
  const unpacked = createGunzip({ chunkSize: 1 << 18 });
  plain.on("error", (error) => unpacked.destroy(error));
  return plain.pipe(unpacked);
}
