// Puts the timeline on the page: a canvas of the right size, redrawn with the view, on which segments are chosen by pointer or
// by the arrow keys; what lies under the pointer in words; and a legend.
import { type KeyboardEvent, type PointerEvent, type ReactElement, useEffect, useRef, useState } from "react";
import type { Decided } from "#play/log.ts";
import { useWords } from "#web/words/say.ts";
import { clockText, rateText } from "./clock-text.ts";
import { sourceColour } from "./colours.ts";
import { drawerWords } from "./drawer-words.ts";
import { drawTimeline, timeAt } from "./timeline.ts";
import { decisionAt, neighbourOf, readoutAt } from "./timeline-choice.ts";
import type { PlayerView } from "./view.ts";

interface TimelineProps {
  readonly view: PlayerView;
  readonly chosen: Decided | undefined;
  /** Undefined: the newest, whichever that is. */
  readonly onChoose: (decision: Decided | undefined) => void;
}

export function Timeline({ view, chosen, onChoose }: TimelineProps): ReactElement {
  const say = useWords(drawerWords);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointedMs, point] = useState<number | undefined>();
  useEffect(() => {
    const estimate = (rate: string): string => say("estimateIs", { rate });
    if (canvas.current !== null) drawTimeline(canvas.current, view, { pointedMs, chosen, estimate });
  }, [view, pointedMs, chosen, say]);
  const timeUnder = (event: PointerEvent<HTMLCanvasElement>): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return timeAt(event.clientX - box.left, box.width, view, chosen);
  };
  const step = (event: KeyboardEvent): void => {
    const moves: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, Home: -1e9, End: 1e9 };
    const by = moves[event.key];
    if (by === undefined) return;
    event.preventDefault();
    onChoose(neighbourOf(view.log.decided, chosen, by));
  };
  const shown = chosen ?? view.log.decided.at(-1);
  const first = view.log.decided[0]?.segment ?? 0;
  return (
    <>
      <div className="pl-sheet" dir="ltr">
        <canvas
          ref={canvas}
          role="slider"
          tabIndex={0}
          data-keys="own"
          aria-label={say("timeline")}
          aria-valuemin={first + 1}
          aria-valuemax={(view.log.decided.at(-1)?.segment ?? 0) + 1}
          aria-valuenow={(shown?.segment ?? 0) + 1}
          aria-valuetext={
            shown === undefined
              ? say("nothingYet")
              : say("segmentIs", {
                  segment: shown.segment + 1,
                  height: `${shown.height}p`,
                  buffer: (shown.bufferMs / 1000).toFixed(1),
                })
          }
          onPointerMove={(event) => point(timeUnder(event))}
          onPointerLeave={() => point(undefined)}
          onClick={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            onChoose(decisionAt(view.log, timeAt(event.clientX - box.left, box.width, view, chosen)));
          }}
          onKeyDown={step}
        />
        {pointedMs !== undefined && <Read view={view} atMs={pointedMs} />}
      </div>
      <Legend used={view.log.sourcesUsed} />
    </>
  );
}

function Read({ view, atMs }: { readonly view: PlayerView; readonly atMs: number }): ReactElement | null {
  if (atMs < 0 || atMs > view.nowMs) return null;
  const { bufferMs, height, throughputKbps, sourceId } = readoutAt(view.log, atMs);
  const parts = [
    clockText(atMs),
    bufferMs === undefined ? undefined : `${(bufferMs / 1000).toFixed(1)} s`,
    height === undefined ? undefined : `${height}p`,
    throughputKbps === undefined ? undefined : rateText(throughputKbps),
    sourceId,
  ];
  return (
    <p className="pl-read" aria-hidden="true">
      {parts.filter((part) => part !== undefined).join(" · ")}
    </p>
  );
}

function Legend({ used }: { readonly used: readonly string[] }): ReactElement {
  const say = useWords(drawerWords);
  return (
    <ul className="pl-legend">
      <Key colour="var(--buffer)">{say("buffer")}</Key>
      <Key colour="var(--reserve)">{say("reservoir")}</Key>
      <Key colour="var(--cushion)">{say("cushion")}</Key>
      <Key colour="var(--floor)">{say("floor")}</Key>
      <Key colour="var(--rung)">{say("rungChosen")}</Key>
      <Key colour="var(--throughput)">{say("throughput")}</Key>
      <Key colour="var(--stall)">{say("stall")}</Key>
      {used.map((id) => (
        <Key key={id} colour={sourceColour(id, used)}>
          {id}
        </Key>
      ))}
    </ul>
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
