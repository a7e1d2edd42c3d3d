// Picture sizes, and how hard an encode may try: what everything from intake to report speaks of.

export type Effort = "draft" | "standard" | "exhaustive";
export const efforts: readonly Effort[] = ["draft", "standard", "exhaustive"];

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The same shape at another height, even. */
export function sizeAt(display: Size, height: number): Size {
  return { width: Math.max(2, even((display.width * height) / display.height)), height };
}

export function even(length: number): number {
  return 2 * Math.round(length / 2);
}
