import type { Section } from "./place-bars.ts";
export function scale(_quick: boolean): readonly Section[] {
  return [];
}
