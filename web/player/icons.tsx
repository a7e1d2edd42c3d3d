// The player's few signs, drawn on a 24-unit grid.
import type { ReactElement } from "react";

const paths = {
  play: "M8 5v14l11-7z",
  pause: "M7 5h4v14H7zM13 5h4v14h-4z",
  again: "M12 5V1L7 6l5 5V7a5 5 0 1 1-5 5H5a7 7 0 1 0 7-7z",
  sound: "M4 9v6h4l5 5V4L8 9zM15.5 8.5a5 5 0 0 1 0 7M18 6a8.5 8.5 0 0 1 0 12",
  silent: "M4 9v6h4l5 5V4L8 9zM16 9l6 6M22 9l-6 6",
  whole: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  window: "M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5",
  drawer: "M4 19h16M5 15l4-5 4 3 6-8",
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
} as const;

const filled: ReadonlySet<keyof typeof paths> = new Set(["play", "pause", "again"]);

export function Icon({ name }: { readonly name: keyof typeof paths }): ReactElement {
  const solid = filled.has(name);
  return (
    <svg
      viewBox="0 0 24 24"
      aria-hidden="true"
      fill={solid ? "currentColor" : "none"}
      stroke={solid ? "none" : "currentColor"}
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={paths[name]} />
    </svg>
  );
}
