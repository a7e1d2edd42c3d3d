// Puts the timeline on the page: a canvas of the right size, redrawn with the view, and a legend.
import { type PointerEvent, type ReactElement, useEffect, useRef } from "react";
import type { Decided } from "#play/log.ts";
import { sourceColour } from "./colours.ts";
import { drawTimeline, timeAt } from "./timeline.ts";
import type { PlayerView } from "./view.ts";

interface TimelineProps {
  readonly view: PlayerView;
  /** The decision under the pointer, or none. */
  readonly onPoint: (decision: Decided | undefined) => void;
}

export function Timeline({ view, onPoint }: TimelineProps): ReactElement {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current !== null) drawTimeline(canvas.current, view);
  }, [view]);
  const point = (event: PointerEvent<HTMLCanvasElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const atMs = timeAt(event.clientX - box.left, box.width, view);
    onPoint(view.log.decided.findLast((decision) => decision.atMs <= atMs));
  };
  const used = view.log.sourcesUsed;
  return (
    <>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`Buffer ${(view.bufferMs / 1000).toFixed(1)} seconds, ${view.height}p`}
        onPointerMove={point}
        onPointerLeave={() => onPoint(undefined)}
      />
      <ul className="pl-legend">
        <Key colour="var(--buffer)">buffer</Key>
        <Key colour="var(--reserve)">reserve</Key>
        <Key colour="var(--floor)">carried without buffer</Key>
        <Key colour="var(--rung)">rung chosen</Key>
        <Key colour="var(--throughput)">throughput</Key>
        <Key colour="var(--stall)">stall</Key>
        {used.map((id) => (
          <Key key={id} colour={sourceColour(id, used)}>
            {id}
          </Key>
        ))}
      </ul>
    </>
  );
}

function Key({ colour, children }: { readonly colour: string; readonly children: string }): ReactElement {
  return (
    <li>
      <span className="pl-dot" style={{ background: colour }} />
      {children}
    </li>
  );
}
