import type { GeoPoint } from "#model/network.ts";
import { type Kilometres, kilometres } from "#units/quantity.ts";

/** IUGG mean radius. */
const earthRadiusKm = 6371.0088;

/** Great-circle distance (haversine); unknown when either end is. */
export function distance(a: GeoPoint | undefined, b: GeoPoint | undefined): Kilometres | undefined {
  if (a === undefined || b === undefined) return undefined;
  const latitude = radians(b.latitude - a.latitude);
  const longitude = radians(b.longitude - a.longitude);
  const h =
    Math.sin(latitude / 2) ** 2 +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * Math.sin(longitude / 2) ** 2;
  return kilometres(2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(h))));
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
