// What lies over the film when this screen may not play: all are in use, or another one took it.
import { type ReactElement, useState } from "react";
import { ApiError } from "#web/api.ts";
import type { HeldScreenCard, ScreensAnswer } from "#wire/screens.ts";
import { deleteScreensBySessionId } from "./client.ts";

interface FullProps {
  readonly full: ScreensAnswer;
  readonly retry: () => void;
}

/** The devices that hold the screens, each with a button that stops it. */
export function ScreensFull({ full, retry }: FullProps): ReactElement {
  const [stopping, setStopping] = useState<string | undefined>();
  const [trouble, setTrouble] = useState<string | undefined>();
  const stop = async (sessionId: string): Promise<void> => {
    setStopping(sessionId);
    setTrouble(undefined);
    try {
      await deleteScreensBySessionId(sessionId);
      retry();
    } catch (error) {
      // It stopped by itself meanwhile: all the better.
      if (error instanceof ApiError && error.status === 404) retry();
      else setTrouble(error instanceof Error ? error.message : "That did not work.");
    } finally {
      setStopping(undefined);
    }
  };
  const { screens, held } = full;
  return (
    <section className="pl-panel" role="alert">
      <h2>
        {screens === 1 ? "The one screen of this account is in use" : `All ${screens} screens are in use`}
      </h2>
      <p>{screens === 1 ? "Stop it there to watch here." : "Stop one of them to watch here."}</p>
      <ul className="pl-screens">
        {held.map((screen) => (
          <li key={screen.sessionId}>
            <span>
              <strong>{screen.deviceName}</strong>
              <small>{wordsFor(screen)}</small>
            </span>
            <button
              type="button"
              disabled={stopping !== undefined}
              aria-label={`Stop ${screen.titleName} on ${screen.deviceName}`}
              onClick={() => void stop(screen.sessionId)}
            >
              {stopping === screen.sessionId ? "Stopping …" : "Stop it"}
            </button>
          </li>
        ))}
      </ul>
      {trouble !== undefined && <p>{trouble}</p>}
      <button type="button" className="pl-other" onClick={retry}>
        Try again
      </button>
    </section>
  );
}

function wordsFor({ profileName, titleName, sinceMs }: HeldScreenCard): string {
  const since = new Date(sinceMs).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return `${profileName} · ${titleName} · since ${since}`;
}

export function ScreenTaken({ retry }: { readonly retry: () => void }): ReactElement {
  return (
    <section className="pl-panel" role="alert">
      <h2>Another screen took this one over</h2>
      <p>The film was stopped here from another device, or is watched there now.</p>
      <button type="button" className="pl-main" onClick={retry}>
        Watch here
      </button>
    </section>
  );
}
