import type { GeoPoint } from "#model/network.ts";
import { type Kilometres, kilometres } from "#units/quantity.ts";

/** IUGG mean radius. */
const earthRadiusKm = 6371.0088;

/** A place as a unit vector from the middle of the earth. */
export interface Direction {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Great-circle distance; unknown when either end is. */
export function distance(a: GeoPoint | undefined, b: GeoPoint | undefined): Kilometres | undefined {
  if (a === undefined || b === undefined) return undefined;
  return kilometres(chordKilometres(directionOf(a), directionOf(b)));
}

export function directionOf({ latitude, longitude }: GeoPoint): Direction {
  const [phi, lambda] = [radians(latitude), radians(longitude)];
  return {
    x: Math.cos(phi) * Math.cos(lambda),
    y: Math.cos(phi) * Math.sin(lambda),
    z: Math.sin(phi),
  };
}

/** Squared length of the straight line between two directions: grows with the distance, and costs no trigonometry. */
export function chordSquared(a: Direction, b: Direction): number {
  return (a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2;
}

/** Along the ground: 2·R·asin(chord / 2), which is the haversine formula in other words. */
export function chordKilometres(a: Direction, b: Direction): number {
  return 2 * earthRadiusKm * Math.asin(Math.min(1, Math.sqrt(chordSquared(a, b)) / 2));
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
