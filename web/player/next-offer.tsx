// The next episode, offered while the credits run: it begins by itself unless the viewer stays.
import "./menu.css";
import { type ReactElement, useEffect, useState } from "react";
import { useWords } from "#web/words/say.ts";
import { nextUp } from "./next-up.ts";
import { playerWords } from "./player-words.ts";
import type { PlayerView } from "./view.ts";

export interface NextEpisode {
  readonly name: string;
  readonly season: number;
  readonly episode: number;
  readonly play: () => void;
}

interface OfferProps {
  readonly view: PlayerView;
  readonly next: NextEpisode;
}

export function NextOffer({ view, next }: OfferProps): ReactElement | null {
  const say = useWords(playerWords);
  const [stays, setStays] = useState(false);
  const { positionMs, state } = view.playback;
  const up = nextUp({ positionMs, durationMs: view.durationMs, ended: state === "ended" });
  const later = up.kind === "later";
  useEffect(() => {
    // Who goes back in the film is asked again at its end.
    if (later) setStays(false);
  }, [later]);
  const due = up.kind === "due" && !stays;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is due
  useEffect(() => {
    if (due) next.play();
  }, [due]);
  if (up.kind !== "offered" || stays) return null;
  return (
    <section className="pl-next" aria-label={say("nextEpisode")}>
      <strong>{next.name}</strong>
      <p>{say("nextIs", { season: next.season, episode: next.episode })}</p>
      <p role="timer">{say("nextIn", { seconds: up.seconds })}</p>
      <div className="pl-next-deeds">
        <button type="button" className="pl-main" onClick={next.play}>
          {say("nextNow")}
        </button>
        <button type="button" onClick={() => setStays(true)}>
          {say("nextNot")}
        </button>
      </div>
    </section>
  );
}
