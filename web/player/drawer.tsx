// "Why am I seeing this?": the live picture of the buffer, each decision in the rule's words, who serves from where, and what may
// be changed or compared while the film plays.
import "./drawer-parts.css";
import { type ReactElement, useId, useState } from "react";
import type { Decided } from "#play/log.ts";
import { stallsAt } from "#play/playback.ts";
import { useWords } from "#web/words/say.ts";
import { Appliances } from "./appliances.tsx";
import { Beside } from "./beside.tsx";
import type { Choices } from "./choices.ts";
import { DecisionPanel } from "./decision-panel.tsx";
import { drawerWords } from "./drawer-words.ts";
import { save, timelineCsv, timelineJson, traceJson } from "./export.ts";
import { Icon } from "./icons.tsx";
import { LiveSwitches } from "./live-switches.tsx";
import { Timeline } from "./timeline-figure.tsx";
import type { PlayerView } from "./view.ts";

export interface Viewpoint {
  readonly id: string;
  readonly name: string;
  readonly address: string;
}

interface DrawerProps {
  readonly view: PlayerView;
  readonly wishes: Pick<Choices, "changeRule" | "shape"> | undefined;
  readonly viewpoint: string | undefined;
  readonly viewpoints: readonly Viewpoint[];
  readonly onViewpoint: (viewpoint: string | undefined) => void;
  readonly onClose: () => void;
}

export function Drawer(props: DrawerProps): ReactElement {
  const { view, wishes, viewpoint, viewpoints, onViewpoint, onClose } = props;
  const say = useWords(drawerWords);
  const [chosen, choose] = useState<Decided | undefined>();
  return (
    <aside className="pl-drawer" aria-label={say("why")}>
      <button
        type="button"
        className="pl-close"
        onClick={onClose}
        aria-label={say("close")}
        title={`${say("close")} (i)`}
      >
        <Icon name="close" />
      </button>
      <section className="pl-picture">
        <h2>
          {say("bufferAndRate")} <Figures view={view} />
        </h2>
        <Timeline view={view} chosen={chosen} onChoose={choose} />
        <Exports view={view} />
      </section>
      <DecisionPanel view={view} chosen={chosen} onChoose={choose} />
      <section className="pl-from">
        <h2>{say("fromWhere")}</h2>
        <Seat viewpoint={viewpoint} viewpoints={viewpoints} onViewpoint={onViewpoint} />
        <Appliances view={view} />
      </section>
      <LiveSwitches chosen={view.chosen} wishes={wishes} />
      <Beside view={view} />
    </aside>
  );
}

function Figures({ view }: { readonly view: PlayerView }): ReactElement {
  const say = useWords(drawerWords);
  const { playback, log } = view;
  const { startupMs } = playback;
  return (
    <span className="pl-figures">
      <span>
        {startupMs === undefined ? say("starting") : say("start", { seconds: (startupMs / 1000).toFixed(2) })}
      </span>
      <span>{say("stalls", { count: stallsAt(playback, performance.now()).count })}</span>
      <span>{say("switches", { count: log.switches })}</span>
    </span>
  );
}

function Exports({ view }: { readonly view: PlayerView }): ReactElement {
  const say = useWords(drawerWords);
  return (
    <p className="pl-exports">
      <button type="button" onClick={() => save(timelineJson(view))}>
        {say("exportJson")}
      </button>
      <button type="button" onClick={() => save(timelineCsv(view))}>
        {say("exportCsv")}
      </button>
      <button type="button" onClick={() => save(traceJson(view))}>
        {say("exportTrace")}
      </button>
    </p>
  );
}

type SeatProps = Pick<DrawerProps, "viewpoint" | "viewpoints" | "onViewpoint">;

function Seat({ viewpoint, viewpoints, onViewpoint }: SeatProps): ReactElement | null {
  const say = useWords(drawerWords);
  const id = useId();
  if (viewpoints.length === 0) return null;
  return (
    <p className="pl-seat">
      <label htmlFor={id}>{say("sitIn")}</label>
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
        <option value="">{say("whereIAm")}</option>
      </select>
    </p>
  );
}
