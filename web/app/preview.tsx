// What a film looks like, from the storyboard that its package has: shown over a card after a moment's rest, never to whoever wants
// less motion.
import type { ReactElement } from "react";
import { useEffect, useState } from "react";
import { decodedPicture } from "#web/player/sheets.ts";
import type { Tile } from "#web/player/storyboard.ts";
import { stillsOf, tilesOf } from "./stills.ts";

/** Chosen by us: passing over a row must not ask anything. */
const restMs = 450;
const eachMs = 650;

export function Preview({ titleId }: { readonly titleId: string }): ReactElement | null {
  /** Those whose sheets can be drawn, in the film's order. */
  const [stills, setStills] = useState<readonly Tile[]>([]);
  const [at, setAt] = useState(0);
  useEffect(() => {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      void tilesOf(titleId, stop.signal).then((tiles) =>
        showDecoded(stillsOf(tiles), setStills, stop.signal),
      );
    }, restMs);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [titleId]);
  useEffect(() => {
    if (stills.length < 2) return;
    const timer = setInterval(() => setAt((before) => (before + 1) % stills.length), eachMs);
    return () => clearInterval(timer);
  }, [stills]);
  const still = stills[at];
  if (still === undefined) return null;
  const { url, x, y, width, height } = still;
  return (
    <svg
      className="preview"
      viewBox={`${x} ${y} ${width} ${height}`}
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
    >
      <image href={url} />
      <rect
        className="preview-at"
        x={x}
        y={y + height - 3}
        width={(width * (at + 1)) / stills.length}
        height="3"
      />
    </svg>
  );
}

/** Sheet by sheet; one that cannot be had is left out. */
async function showDecoded(
  all: readonly Tile[],
  show: (stills: readonly Tile[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const ready = new Set<string>();
  for (const url of new Set(all.map((still) => still.url))) {
    if (signal.aborted) return;
    const isThere = await decodedPicture(url).then(
      () => true,
      () => false,
    );
    if (isThere) ready.add(url);
    if (!signal.aborted) show(all.filter((still) => ready.has(still.url)));
  }
}
