// What a plan was chosen from, for pictures and for whoever asks why.
import type { PlanTheory } from "#model/placement.ts";
import { type Curve, shareAt } from "./curve.ts";

/** Points of the drawn curve: 201 are as fine as a picture can show. */
const points = 200;

/** The curve at 201 even depths. */
export function drawnCurve(curve: Curve): PlanTheory["curve"] {
  return Array.from({ length: points + 1 }, (_, i) => {
    const depth = i / points;
    return { depth, share: shareAt(curve, depth) };
  });
}
