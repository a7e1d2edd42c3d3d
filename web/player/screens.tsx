// What lies over the film when this screen may not play: all are in use, or another one took it.
import { type ReactElement, useState } from "react";
import { ApiError } from "#web/api.ts";
import { useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import type { HeldScreenCard, ScreensAnswer } from "#wire/screens.ts";
import { deleteScreensBySessionId } from "./client.ts";
import { playerWords } from "./player-words.ts";

interface FullProps {
  readonly full: ScreensAnswer;
  readonly retry: () => void;
}

/** The devices that hold the screens, each with a button that stops it. */
export function ScreensFull({ full, retry }: FullProps): ReactElement {
  const say = useWords(playerWords);
  const { locale } = useLanguage();
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
      else setTrouble(error instanceof Error ? error.message : say("failedThat"));
    } finally {
      setStopping(undefined);
    }
  };
  const { screens, held } = full;
  return (
    <section className="pl-panel" role="alert">
      <h2>{screens === 1 ? say("screenInUse") : say("screensInUse", { screens })}</h2>
      <p>{say(screens === 1 ? "stopThere" : "stopOne")}</p>
      <ul className="pl-screens">
        {held.map((screen) => (
          <li key={screen.sessionId}>
            <span>
              <strong>{screen.deviceName}</strong>
              <small>{say("heldSince", heldBy(screen, locale))}</small>
            </span>
            <button
              type="button"
              disabled={stopping !== undefined}
              aria-label={say("stopOn", { title: screen.titleName, device: screen.deviceName })}
              onClick={() => void stop(screen.sessionId)}
            >
              {say(stopping === screen.sessionId ? "stopping" : "stopIt")}
            </button>
          </li>
        ))}
      </ul>
      {trouble !== undefined && <p>{trouble}</p>}
      <button type="button" className="pl-other" onClick={retry}>
        {say("tryAgain")}
      </button>
    </section>
  );
}

function heldBy({ profileName, titleName, sinceMs }: HeldScreenCard, locale: string) {
  const since = new Date(sinceMs).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
  return { profile: profileName, title: titleName, since };
}

export function ScreenTaken({ retry }: { readonly retry: () => void }): ReactElement {
  const say = useWords(playerWords);
  return (
    <section className="pl-panel" role="alert">
      <h2>{say("taken")}</h2>
      <p>{say("takenMeans")}</p>
      <button type="button" className="pl-main" onClick={retry}>
        {say("watchHere")}
      </button>
    </section>
  );
}
