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
  back10: "M11 5L7 8l4 3M7 8h6a6 6 0 1 1-6 6M10 13v5M13.5 13h2v5h-2z",
  next: "M6 5v14l9-7zM16 5h2.4v14H16z",
  captions: "M3 6h18v12H3zM7 14h4M13 14h4M7 11h2M11 11h6",
  gear: "M12 9a3 3 0 1 0 0 6a3 3 0 1 0 0-6M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M5.6 18.4l2.2-2.2M16.2 7.8l2.2-2.2",
  picture: "M3 5h18v14H3zM12 12h7v5h-7z",
  keys: "M2 7h20v11H2zM6 10.5h.01M10 10.5h.01M14 10.5h.01M18 10.5h.01M7 14.5h10",
} as const;

const filled: ReadonlySet<keyof typeof paths> = new Set(["play", "pause", "again", "next"]);

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
