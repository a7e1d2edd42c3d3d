// Tables of places on disk: our own text, and databases in MaxMind's format, from which ours are made.
import { createReadStream, createWriteStream } from "node:fs";
import { readFile, rename, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { geoFaults } from "#bgp/geo-faults.ts";
import { GeoBook, type GeoTable, geoHeader, readGeoRow, writeGeoRow } from "#bgp/geo-table.ts";
import { Fault } from "#units/fault.ts";
import { mmdbRows } from "./mmdb.ts";

const namedComplaints = 10;

/**
 * A table in our own format.
 *
 * @throws Fault that names the file and the lines that do not fit
 */
export async function readGeoFile(path: string): Promise<GeoTable> {
  const book = new GeoBook();
  const complaints: string[] = [];
  let number = 0;
  try {
    for await (const line of createInterface({
      input: createReadStream(path, "utf8"),
      crlfDelay: Infinity,
    })) {
      number++;
      if (number === 1 && line.trim() !== geoHeader) complaints.push(`the first line is not "${geoHeader}"`);
      const reading = readGeoRow(line);
      if (reading.kind === "row") book.add(reading.row);
      if (reading.kind === "refused") complaints.push(`line ${number}: ${reading.because}`);
      if (complaints.length >= namedComplaints) break;
    }
  } catch (error) {
    throw new Fault(geoFaults.unreadable, { path, reason: reasonOf(error) }, error);
  }
  if (number === 0) complaints.push("it is empty");
  if (complaints.length > 0)
    throw new Fault(geoFaults.rowRefused, { path, complaints: complaints.join("; ") });
  return book.finish();
}

export interface Imported {
  readonly rows: number;
  /** Networks of the database that it gives no usable point for. */
  readonly unknown: number;
}

/**
 * Our format from a MaxMind database (City, or any other with `location`). Written beside and moved into place, so that a
 * database that breaks off leaves what was there.
 *
 * @throws Fault when the database is not whole
 */
export async function importMmdb(from: string, to: string): Promise<Imported> {
  const bytes = await readFile(from).catch((error: unknown) => {
    throw new Fault(geoFaults.unreadable, { path: from, reason: reasonOf(error) }, error);
  });
  const counts = { rows: 0, unknown: 0 };
  const partial = `${to}.partial`;
  try {
    await pipeline(Readable.from(lines(from, bytes, counts)), createWriteStream(partial));
    await rename(partial, to);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return counts;
}

function* lines(path: string, bytes: Buffer, counts: { rows: number; unknown: number }): Generator<string> {
  yield `${geoHeader}\n`;
  try {
    for (const row of mmdbRows(bytes)) {
      if (row.place === undefined) {
        counts.unknown++;
        continue;
      }
      counts.rows++;
      yield `${writeGeoRow(row)}\n`;
    }
  } catch (error) {
    throw new Fault(geoFaults.databaseRefused, { path, reason: reasonOf(error) }, error);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
