import { resolve } from "node:path";
import { type GeoTable, noGeography } from "#bgp/geo-table.ts";
import { readGeoFile } from "#bgp/io/geo-file.ts";

/** The table of places that a setting names; none when it is empty. */
export async function geography(path: string): Promise<GeoTable> {
  return path === "" ? noGeography : await readGeoFile(resolve(path));
}
