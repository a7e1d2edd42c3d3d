// "Why am I seeing this?": the live picture of the buffer, the rule's words, and who serves from where.
import { type ReactElement, useId, useState } from "react";
import type { Decided } from "#play/log.ts";
import { stallsAt } from "#play/playback.ts";
import { Appliances } from "./appliances.tsx";
import { clockText, rateText } from "./clock-text.ts";
import { Icon } from "./icons.tsx";
import { Timeline } from "./timeline-figure.tsx";
import type { PlayerView } from "./view.ts";

export interface Viewpoint {
  readonly id: string;
  readonly name: string;
  readonly address: string;
}

interface DrawerProps {
  readonly view: PlayerView;
  readonly viewpoint: string | undefined;
  readonly viewpoints: readonly Viewpoint[];
  readonly onViewpoint: (viewpoint: string | undefined) => void;
  readonly onClose: () => void;
}

const decisionsShown = 12;

export function Drawer({ view, viewpoint, viewpoints, onViewpoint, onClose }: DrawerProps): ReactElement {
  const [pointed, setPointed] = useState<Decided | undefined>();
  const last = view.log.decided.at(-1);
  return (
    <aside className="pl-drawer" aria-label="Why am I seeing this?">
      <button type="button" className="pl-close" onClick={onClose} aria-label="Close" title="Close (i)">
        <Icon name="close" />
      </button>
      <section className="pl-picture">
        <h2>
          Buffer and rate <Figures view={view} />
        </h2>
        <Timeline view={view} onPoint={setPointed} />
      </section>
      <section className="pl-why">
        <h2>Why {(pointed ?? last) === undefined ? "" : `${(pointed ?? last)?.height}p`}</h2>
        <Because decision={pointed ?? last} pointed={pointed !== undefined} />
        <h3>Decisions</h3>
        <ol className="pl-decisions">
          {view.log.decided
            .slice(-decisionsShown)
            .toReversed()
            .map((decision) => (
              <li key={`${decision.segment}@${decision.atMs}`} title={decision.because}>
                <span>{decision.segment + 1}</span>
                <b>{decision.height}p</b>
                <span>{rateText(decision.kbps)}</span>
                <span>{(decision.bufferMs / 1000).toFixed(1)} s</span>
              </li>
            ))}
        </ol>
      </section>
      <section className="pl-from">
        <h2>From where</h2>
        <Seat viewpoint={viewpoint} viewpoints={viewpoints} onViewpoint={onViewpoint} />
        <Appliances view={view} />
      </section>
    </aside>
  );
}

function Figures({ view }: { readonly view: PlayerView }): ReactElement {
  const { playback, log } = view;
  const stalls = stallsAt(playback, performance.now()).count;
  const startup = playback.startupMs === undefined ? "…" : `${(playback.startupMs / 1000).toFixed(2)} s`;
  return (
    <span className="pl-figures">
      <span>start {startup}</span>
      <span>
        {stalls} stall{stalls === 1 ? "" : "s"}
      </span>
      <span>
        {log.switches} switch{log.switches === 1 ? "" : "es"}
      </span>
    </span>
  );
}

function Because({
  decision,
  pointed,
}: {
  readonly decision: Decided | undefined;
  readonly pointed: boolean;
}): ReactElement {
  if (decision === undefined) return <p className="pl-because">Nothing was decided yet.</p>;
  return (
    <p className="pl-because" aria-live={pointed ? "off" : "polite"}>
      <span className="pl-when">
        segment {decision.segment + 1}, {clockText(decision.atMs)} after the request
      </span>
      {decision.because}
    </p>
  );
}

type SeatProps = Pick<DrawerProps, "viewpoint" | "viewpoints" | "onViewpoint">;

function Seat({ viewpoint, viewpoints, onViewpoint }: SeatProps): ReactElement | null {
  const id = useId();
  if (viewpoints.length === 0) return null;
  return (
    <p className="pl-seat">
      <label htmlFor={id}>I sit in</label>
      <select
        id={id}
        value={viewpoint ?? ""}
        onChange={(event) => onViewpoint(event.target.value === "" ? undefined : event.target.value)}
      >
        {viewpoints.map((seat) => (
          <option key={seat.id} value={seat.id}>
            {seat.name} ({seat.address})
          </option>
        ))}
        <option value="">where I really am</option>
      </select>
    </p>
  );
}
