// What a film looks like, from the storyboard that its package has: shown over a card after a moment's rest, never to whoever wants
// less motion.
import type { ReactElement } from "react";
import { useEffect, useState } from "react";
import type { Tile } from "#web/player/storyboard.ts";
import { stillsOf, tilesOf } from "./stills.ts";

/** Chosen by us: passing over a row must not ask anything. */
const restMs = 450;
const eachMs = 650;

export function Preview({ titleId }: { readonly titleId: string }): ReactElement | null {
  const [stills, setStills] = useState<readonly Tile[]>([]);
  const [at, setAt] = useState(0);
  useEffect(() => {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      void tilesOf(titleId, stop.signal).then((tiles) => {
        if (!stop.signal.aborted) setStills(stillsOf(tiles));
      });
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
