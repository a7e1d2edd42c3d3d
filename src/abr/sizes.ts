// A title's sizes as a page hands them over: our sidecar.json, or a plain object of the same shape. They are somebody else's
// file, so they are looked at before anything is decided by them.
import type { TitleSizes } from "#play/ladder.ts";
import { Fault } from "#units/fault.ts";
import { abrFaults } from "./faults.ts";

/** The sizes, when they are whole; otherwise a fault that says what was wanted, where, and what was found. */
export function checkedSizes(sizes: TitleSizes): TitleSizes {
  const lengths = listAt(sizes.durationsMs, "durationsMs");
  positive(lengths, "durationsMs");
  for (const [place, rendition] of listAt(sizes.renditions, "renditions").entries()) {
    const where = `renditions[${place}]`;
    if (typeof rendition.id !== "string" || rendition.id === "")
      refuse("a name", `${where}.id`, rendition.id);
    positive([rendition.bitrateBps], `${where}.bitrateBps`);
    positive([rendition.height], `${where}.height`);
    for (const key of ["bytes", "quality"] as const) {
      const values = listAt(rendition[key], `${where}.${key}`);
      if (values.length === lengths.length) continue;
      refuse(`one value for each of ${lengths.length} segments`, `${where}.${key}`, values.length);
    }
    positive(rendition.bytes, `${where}.bytes`);
  }
  if (sizes.metric?.name !== "vmaf" && sizes.metric?.name !== "ssim") {
    refuse("vmaf or ssim", "metric.name", sizes.metric?.name);
  }
  return sizes;
}

function listAt<T>(list: readonly T[], where: string): readonly T[] {
  if (!Array.isArray(list) || list.length === 0) refuse("a list that is not empty", where, list);
  return list;
}

function positive(values: readonly number[], where: string): void {
  const wrong = values.findIndex((value) => !(Number.isFinite(value) && value > 0));
  if (wrong >= 0) refuse("a number above 0", values.length > 1 ? `${where}[${wrong}]` : where, values[wrong]);
}

function refuse(wanted: string, where: string, found: unknown): never {
  throw new Fault(abrFaults.sizesRefused, { wanted, where, found: JSON.stringify(found) ?? "nothing" });
}
