// The three menus of the controls: quality with the rule's own words, speed and sound, subtitles and their look.
import type { ReactElement } from "react";
import { type Language, useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import { type CaptionStyle, captionChoices } from "./caption-style.ts";
import { CaptionSample } from "./captions.tsx";
import type { Choices, Track } from "./choices.ts";
import { rateText } from "./clock-text.ts";
import { Icon } from "./icons.tsx";
import { Choice, Menu } from "./menu.tsx";
import { playerWords } from "./player-words.ts";
import { rungFacts } from "./quality.ts";
import { speeds } from "./speed.ts";
import type { PlayerView } from "./view.ts";

interface Opening {
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
}

type Wishes = Pick<Choices, "cap" | "sound" | "text">;

interface QualityProps extends Opening {
  readonly view: PlayerView;
  readonly wishes: Pick<Wishes, "cap"> | undefined;
}

export function QualityMenu({ view, wishes, open, onOpen }: QualityProps): ReactElement {
  const say = useWords(playerWords);
  const { film, height, chosen, log } = view;
  const shown = height > 0 ? `${height}p` : "–";
  const last = log.decided.at(-1);
  const rungs = film === undefined ? [] : rungFacts(film);
  const top = rungs[0]?.id;
  const choices = rungs
    .filter(({ id }) => id !== top)
    .map(({ id, height: rung, kbps, vmaf }) => ({
      value: id,
      label: say("upTo", { height: `${rung}p` }),
      note: factsText(kbps, vmaf, say),
    }));
  const highest = rungs[0];
  const auto = {
    value: "",
    label: say("autoNow", { height: shown }),
    ...(highest === undefined
      ? {}
      : { note: `≤ ${highest.height}p · ${factsText(highest.kbps, highest.vmaf, say)}` }),
  };
  return (
    <Menu
      name={say("qualityIs", { height: shown })}
      face={<span className="pl-height">{shown}</span>}
      open={open}
      onOpen={onOpen}
    >
      {last !== undefined && (
        <p className="pl-words">
          <b>{say("whyNow", { height: `${last.height}p` })}</b>
          <span lang="en" dir="auto">
            {last.because}
          </span>
        </p>
      )}
      <Choice
        legend={say("quality")}
        value={chosen.cap ?? ""}
        choices={[auto, ...choices]}
        onChoose={(id) => wishes?.cap(id === "" ? undefined : id)}
      />
      <p className="pl-soft">{say(chosen.cap === undefined ? "autoMeans" : "capMeans")}</p>
    </Menu>
  );
}

type Say = ReturnType<typeof useWords<typeof playerWords.en>>;

function factsText(kbps: number, vmaf: number | undefined, say: Say): string {
  const rate = rateText(kbps);
  return vmaf === undefined ? rate : `${rate} · ${say("vmaf", { score: vmaf.toFixed(1) })}`;
}

interface SpeedProps extends Opening {
  readonly speed: number;
  readonly onSpeed: (rate: number) => void;
  readonly sounds: readonly Track[];
  readonly wishes: Pick<Wishes, "sound"> | undefined;
}

export function SpeedMenu({ speed, onSpeed, sounds, wishes, open, onOpen }: SpeedProps): ReactElement {
  const say = useWords(playerWords);
  const language = useLanguage();
  return (
    <Menu
      name={say("settings")}
      face={
        speed === 1 ? (
          <Icon name="gear" />
        ) : (
          <span className="pl-height">{say("speedIs", { rate: speed })}</span>
        )
      }
      open={open}
      onOpen={onOpen}
    >
      <Choice
        legend={say("speed")}
        value={String(speed)}
        choices={speeds.map((rate) => ({
          value: String(rate),
          label: rate === 1 ? say("normal") : say("speedIs", { rate }),
        }))}
        onChoose={(rate) => onSpeed(Number(rate))}
        flat
      />
      {sounds.length > 0 && (
        <Choice
          legend={say("voice")}
          value={sounds.find((track) => track.chosen)?.key ?? ""}
          choices={sounds.map((track) => ({ value: track.key, label: trackName(track, language, say) }))}
          onChoose={(key) => wishes?.sound(key)}
        />
      )}
    </Menu>
  );
}

interface CaptionProps extends Opening {
  readonly texts: readonly Track[];
  readonly wishes: Pick<Wishes, "text"> | undefined;
  readonly look: CaptionStyle;
  readonly onLook: (look: CaptionStyle) => void;
}

export function CaptionMenu({ texts, wishes, look, onLook, open, onOpen }: CaptionProps): ReactElement {
  const say = useWords(playerWords);
  const language = useLanguage();
  const inWords = <Value extends (typeof captionChoices)[keyof CaptionStyle][number]>(
    values: readonly Value[],
  ) => values.map((value) => ({ value, label: say(value) }));
  return (
    <Menu name={say("captions")} face={<Icon name="captions" />} open={open} onOpen={onOpen}>
      {texts.length === 0 && <p>{say("captionsNone")}</p>}
      {texts.length > 0 && (
        <Choice
          legend={say("captions")}
          value={texts.find((track) => track.chosen)?.key ?? ""}
          choices={[
            { value: "", label: say("captionsOff") },
            ...texts.map((track) => ({ value: track.key, label: trackName(track, language, say) })),
          ]}
          onChoose={(key) => wishes?.text(key === "" ? undefined : key)}
        />
      )}
      <details>
        <summary>{say("captionLook")}</summary>
        <CaptionSample look={look} text={say("captionSample")} />
        <Choice
          legend={say("size")}
          value={look.size}
          choices={inWords(captionChoices.size)}
          onChoose={(size) => onLook({ ...look, size })}
          flat
        />
        <Choice
          legend={say("colour")}
          value={look.colour}
          choices={inWords(captionChoices.colour)}
          onChoose={(colour) => onLook({ ...look, colour })}
          flat
        />
        <Choice
          legend={say("background")}
          value={look.background}
          choices={inWords(captionChoices.background)}
          onChoose={(background) => onLook({ ...look, background })}
          flat
        />
        <Choice
          legend={say("edge")}
          value={look.edge}
          choices={inWords(captionChoices.edge)}
          onChoose={(edge) => onLook({ ...look, edge })}
          flat
        />
      </details>
    </Menu>
  );
}

/** The manifest's name beside the language's own name; a track with neither is simply the sound or the subtitles. */
function trackName({ name, language }: Track, { locale }: Language, say: Say): string {
  const known = languageName(language, locale);
  if (name === "") return known ?? say("sound");
  return known === undefined || known.toLowerCase() === name.toLowerCase() ? name : `${known} · ${name}`;
}

function languageName(tag: string, locale: string): string | undefined {
  if (tag === "" || tag === "und") return undefined;
  try {
    return new Intl.DisplayNames([locale], { type: "language" }).of(tag);
  } catch {
    return tag;
  }
}
