// Where networks are: a prefix, a point, and how sure it is. The longest prefix that covers an address says where it is;
// what no row covers, or a row without a point, is unknown, and unknown is never a point in the Gulf of Guinea.
//
// The format is text, so that a row can be read, searched and corrected by hand:
//
//   # millrace-geo 1
//   203.0.113.0/24,53.48,-2.2451,25      prefix, latitude, longitude (degrees, WGS84), radius of error (km)
//   203.0.113.128/25,53.48,-2.2451,      radius not known
//   203.0.113.192/26,,,                  within the first, and not known where
import type { GeoPoint } from "#model/network.ts";
import { type IpAddress, type IpPrefix, readPrefix, writePrefix } from "./address.ts";
import { find4, find6, type Lpm4, type Lpm6 } from "./lpm.ts";
import { buildLpm4, buildLpm6 } from "./lpm-build.ts";
import { emptyRun, LogBook, merged, type RouteRun, wordOf } from "./route-run.ts";

export interface GeoPlace extends GeoPoint {
  /** The point is within this distance, km; undefined where the source does not say. */
  readonly radiusKm: number | undefined;
}

export interface GeoRow {
  readonly prefix: IpPrefix;
  /** Undefined: known to be unknown. */
  readonly place: GeoPlace | undefined;
}

export interface GeoTable {
  readonly v4: Lpm4;
  readonly v6: Lpm6;
  /** By looked-up number; 0 is unknown. */
  readonly places: readonly (GeoPlace | undefined)[];
  /** Prefixes. */
  readonly rows: number;
}

export type GeoRowReading =
  | { readonly kind: "row"; readonly row: GeoRow }
  | { readonly kind: "blank" }
  | { readonly kind: "refused"; readonly because: string };

export const geoHeader = "# millrace-geo 1";

/** One line of the file; comments and empty lines are blank. */
export function readGeoRow(line: string): GeoRowReading {
  const text = line.trim();
  if (text === "" || text.startsWith("#")) return { kind: "blank" };
  const [prefixText = "", latitudeText = "", longitudeText = "", radiusText = "", ...more] = text.split(",");
  const reading = readPrefix(prefixText.trim());
  if (reading.kind === "refused") return reading;
  if (more.length > 0) return { kind: "refused", because: `${prefixText}: more than four fields` };
  const { prefix } = reading;
  if (`${latitudeText}${longitudeText}${radiusText}`.trim() === "") {
    return { kind: "row", row: { prefix, place: undefined } };
  }
  const radius = radiusText.trim() === "" ? undefined : numberOf(radiusText);
  const place = placeOf(numberOf(latitudeText), numberOf(longitudeText), radius);
  if (place.kind === "refused") return { kind: "refused", because: `${prefixText}: ${place.because}` };
  return { kind: "row", row: { prefix, place: place.place } };
}

export function writeGeoRow({ prefix, place }: GeoRow): string {
  const { latitude = "", longitude = "", radiusKm = "" } = place ?? {};
  return `${writePrefix(prefix)},${latitude},${longitude},${radiusKm}`;
}

/**
 * A point from a source that may lie. (0, 0) is what programs write when they do not know: nobody lives there, so it is
 * unknown.
 */
export function placeOf(
  latitude: unknown,
  longitude: unknown,
  radiusKm: unknown,
):
  | { readonly kind: "place"; readonly place: GeoPlace | undefined }
  | { readonly kind: "refused"; readonly because: string } {
  if (!isWithin(latitude, 90)) return { kind: "refused", because: `latitude ${latitude} is not within ±90` };
  if (!isWithin(longitude, 180))
    return { kind: "refused", because: `longitude ${longitude} is not within ±180` };
  if (radiusKm !== undefined && !(isWithin(radiusKm, 20_100) && radiusKm >= 0)) {
    return { kind: "refused", because: `radius ${radiusKm} is not a distance on earth in km` };
  }
  if (latitude === 0 && longitude === 0) return { kind: "place", place: undefined };
  return { kind: "place", place: { latitude, longitude, radiusKm } };
}

/** A table under way: rows go in one by one, and none is kept as it came. */
export class GeoBook {
  private readonly places: (GeoPlace | undefined)[] = [undefined];
  private readonly numbers = new Map<string, number>();
  private readonly books = { 4: new LogBook(4), 6: new LogBook(6) };

  /** Of two rows for one prefix the later holds. */
  add({ prefix, place }: GeoRow): void {
    const med = place === undefined ? 0 : this.numberOf(place);
    // The MED's column carries the place.
    this.books[prefix.family].append(prefix, 0, { asPathLength: 0, med, neighbourAs: 0 });
  }

  finish(): GeoTable {
    const run4 = merged(emptyRun(4), this.books[4].read());
    const run6 = merged(emptyRun(6), this.books[6].read());
    const valueIn =
      (run: RouteRun) =>
      (_: number, from: number): number =>
        run.meds[from] ?? 0;
    return {
      v4: buildLpm4(run4, valueIn(run4)),
      v6: buildLpm6(run6, valueIn(run6)),
      places: this.places,
      rows: run4.count + run6.count,
    };
  }

  private numberOf(place: GeoPlace): number {
    const key = `${place.latitude},${place.longitude},${place.radiusKm}`;
    const number = this.numbers.get(key) ?? this.places.push(place) - 1;
    this.numbers.set(key, number);
    return number;
  }
}

export function geoTableOf(rows: Iterable<GeoRow>): GeoTable {
  const book = new GeoBook();
  for (const row of rows) book.add(row);
  return book.finish();
}

export const noGeography: GeoTable = geoTableOf([]);

/** Undefined: unknown. */
export function placeOfAddress(table: GeoTable, address: IpAddress): GeoPlace | undefined {
  if (address.family === 4) return table.places[find4(table.v4, Number(address.value))];
  const [a = 0, b = 0, c = 0, d = 0] = [0, 1, 2, 3].map((word) => wordOf(address, word));
  return table.places[find6(table.v6, a, b, c, d)];
}

/** A decimal number in plain digits, or NaN. */
function numberOf(text: string): number {
  return /^-?\d{1,5}(\.\d{1,12})?$/.test(text.trim()) ? Number(text) : Number.NaN;
}

function isWithin(value: unknown, most: number): value is number {
  return typeof value === "number" && Math.abs(value) <= most;
}
