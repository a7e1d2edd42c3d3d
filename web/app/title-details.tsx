// Who made a film, what can be heard and read in it, and how long it stays: only what the catalogue and the package say.
import type { ReactElement, ReactNode } from "react";
import { useLanguage } from "#web/words/language.ts";
import type { Say } from "#web/words/say.ts";
import { useWords } from "#web/words/say.ts";
import type { TitlePage } from "#wire/catalog.ts";
import type { viewerEn } from "./viewer-en.ts";
import { viewerWords } from "./viewer-words.ts";

const jobWords = {
  director: "jobDirector",
  cast: "jobCast",
  writer: "jobWriter",
  producer: "jobProducer",
  composer: "jobComposer",
  camera: "jobCamera",
  editor: "jobEditor",
} as const satisfies Readonly<
  Record<NonNullable<TitlePage["work"]>["people"][number]["job"], keyof typeof viewerEn>
>;

export function TitleDetails({ page }: { readonly page: TitlePage }): ReactElement {
  const say = useWords(viewerWords);
  const { locale } = useLanguage();
  const { audio, subtitles, work } = page;
  const until =
    work?.untilMs == null
      ? say("availableAlways")
      : say("availableUntil", {
          date: new Date(work.untilMs).toLocaleDateString(locale, { dateStyle: "long" }),
        });
  return (
    <dl className="details">
      {work !== null && work.people.length > 0 && <People people={work.people} />}
      <Detail name={say("audio")}>
        {audio.length === 0 ? say("oneAudio") : audio.map(({ name }) => name).join(", ")}
      </Detail>
      <Detail name={say("subtitles")}>{subtitlesWords(subtitles, say)}</Detail>
      {work !== null && work.ratings.length > 0 && (
        <Detail name={say("ratings")}>{work.ratings.join(", ")}</Detail>
      )}
      {work !== null && <Detail name={say("available")}>{until}</Detail>}
    </dl>
  );
}

function subtitlesWords(subtitles: TitlePage["subtitles"], say: Say<typeof viewerEn>): string {
  if (subtitles.length === 0) return say("noSubtitles");
  return subtitles.map(({ name, isForced }) => (isForced ? say("forced", { name }) : name)).join(", ");
}

function People({ people }: Pick<NonNullable<TitlePage["work"]>, "people">): ReactElement {
  const say = useWords(viewerWords);
  const jobs = Object.entries(jobWords).map(([job, word]) => ({
    word,
    those: people.filter((one) => one.job === job),
  }));
  return (
    <>
      {jobs
        .filter(({ those }) => those.length > 0)
        .map(({ word, those }) => (
          <Detail key={word} name={say(word)}>
            {those.map(({ name, role }) => (role === null ? name : say("asRole", { name, role }))).join(", ")}
          </Detail>
        ))}
    </>
  );
}

function Detail({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd dir="auto">{children}</dd>
    </div>
  );
}
