// Holds a drawing of Observable Plot: drawn again when its data or its width changes, without inline styles.
import type { ReactElement } from "react";
import { useEffect, useRef, useState } from "react";

interface FigureProps {
  /** What it shows, for those who cannot see it. */
  readonly label: string;
  /** Must keep its identity while the data is the same. */
  readonly draw: (width: number) => Element;
}

export function Figure({ label, draw }: FigureProps): ReactElement {
  const holder = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = holder.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (width === 0) return;
    const drawing = draw(width);
    // Plot's own style element would break a strict content policy; ops.css has its few rules.
    for (const style of drawing.querySelectorAll("style")) style.remove();
    // The figure's own name says what it shows; names that Plot gives its groups belong to no role.
    for (const group of drawing.querySelectorAll("g[aria-label]")) group.removeAttribute("aria-label");
    holder.current?.replaceChildren(drawing);
  }, [draw, width]);
  return <figure className="figure" ref={holder} role="img" aria-label={label} />;
}
