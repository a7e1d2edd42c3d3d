// What lies over the film when it does not simply play: opening, the question whether to resume, waiting, trouble.
import type { ReactElement } from "react";
import { clockText } from "./clock-text.ts";
import { ScreensFull, ScreenTaken } from "./screens.tsx";
import type { PlayerView } from "./view.ts";

interface PanelsProps {
  readonly view: PlayerView;
  readonly begin: (positionMs: number) => void;
  readonly retry: () => void;
  readonly unmute: () => void;
  readonly muted: boolean;
}

export function Panels({ view, begin, retry, unmute, muted }: PanelsProps): ReactElement | null {
  const { state } = view.playback;
  if (view.phase === "failed") {
    return (
      <section className="pl-panel" role="alert">
        <h2>{view.playback.startupMs === undefined ? "The film could not start" : "The film stopped"}</h2>
        <p>{view.trouble}</p>
        <button type="button" className="pl-main" onClick={retry}>
          Try again
        </button>
      </section>
    );
  }
  if (view.phase === "taken") return <ScreenTaken retry={retry} />;
  if (view.full !== undefined) return <ScreensFull full={view.full} retry={retry} />;
  if (view.phase === "asking") {
    const resumeMs = view.resumeMs ?? 0;
    return (
      <section className="pl-panel" aria-label="Where to begin">
        <h2>Where were we?</h2>
        <button
          type="button"
          className="pl-main"
          // biome-ignore lint/a11y/noAutofocus: the one question on the page; Enter answers it
          autoFocus
          onClick={() => begin(resumeMs)}
        >
          Resume at {clockText(resumeMs)}
        </button>
        <button type="button" className="pl-other" onClick={() => begin(0)}>
          From the beginning
        </button>
      </section>
    );
  }
  const waiting = state === "start" || state === "stalled" || view.phase === "opening";
  return (
    <>
      {view.notice !== undefined && (
        <p className="pl-notice" role="status">
          {view.notice}
        </p>
      )}
      {waiting && <div className="pl-waiting" role="status" aria-label="Loading" />}
      {view.silenced && muted && (
        <button type="button" className="pl-unmute" onClick={unmute}>
          The browser muted the film · turn sound on
        </button>
      )}
    </>
  );
}
