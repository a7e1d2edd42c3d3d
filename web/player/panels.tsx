// What lies over the film when it does not simply play: opening, the question whether to resume, waiting, trouble.
import type { ReactElement } from "react";
import { useWords } from "#web/words/say.ts";
import { clockText } from "./clock-text.ts";
import { unheard } from "./hold.ts";
import { playerWords } from "./player-words.ts";
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
  const say = useWords(playerWords);
  const { state } = view.playback;
  if (view.phase === "failed") {
    return (
      <section className="pl-panel" role="alert">
        <h2>{say(view.playback.startupMs === undefined ? "couldNotStart" : "stopped")}</h2>
        <p lang="en" dir="auto">
          {view.trouble}
        </p>
        <button type="button" className="pl-main" onClick={retry}>
          {say("tryAgain")}
        </button>
      </section>
    );
  }
  if (view.phase === "taken") return <ScreenTaken retry={retry} />;
  if (view.full !== undefined) return <ScreensFull full={view.full} retry={retry} />;
  if (view.phase === "asking") {
    const resumeMs = view.resumeMs ?? 0;
    return (
      <section className="pl-panel" aria-label={say("whereToBegin")}>
        <h2>{say("whereWereWe")}</h2>
        <button
          type="button"
          className="pl-main"
          // biome-ignore lint/a11y/noAutofocus: the one question on the page; Enter answers it
          autoFocus
          onClick={() => begin(resumeMs)}
        >
          {say("resumeAt", { at: clockText(resumeMs) })}
        </button>
        <button type="button" className="pl-other" onClick={() => begin(0)}>
          {say("fromStart")}
        </button>
      </section>
    );
  }
  const waiting = state === "start" || state === "stalled" || view.phase === "opening";
  return (
    <>
      {view.notice !== undefined && (
        <p className="pl-notice" role="status">
          {view.notice === unheard ? say("unheard") : <span lang="en">{view.notice}</span>}
        </p>
      )}
      {waiting && <div className="pl-waiting" role="status" aria-label={say("loading")} />}
      {view.silenced && muted && (
        <button type="button" className="pl-unmute" onClick={unmute}>
          {say("muted")}
        </button>
      )}
    </>
  );
}
