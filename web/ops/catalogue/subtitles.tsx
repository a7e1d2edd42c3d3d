// Subtitle tracks of a published title: which there are, a form that puts a WebVTT file in, and a button that takes one away.
import type { FormEvent, ReactElement } from "react";
import { useState } from "react";
import { sendBody } from "#web/api.ts";
import { useAct } from "#web/ops/act.ts";
import { AskedPanel } from "#web/ops/asked-panel.tsx";
import {
  deleteOpsTitlesByIdSubtitlesByTrack,
  getOpsTitlesByIdSubtitles,
  postOpsTitlesByIdSubtitlesPath,
} from "#web/ops/catalogue-client.ts";
import { Listing } from "#web/ops/listing.tsx";
import { Refusal } from "#web/ops/refusal.tsx";
import { Sure } from "#web/ops/sure.tsx";
import { useWords } from "#web/words/say.ts";
import { type SubtitleTracks, subtitleTracks } from "#wire/subtitles.ts";
import { catalogueWords } from "./catalogue-words.ts";
import { FileChoice } from "./file-choice.tsx";

/** The file is written, copied and placed before the answer. */
const withinMs = 60_000;

interface SubtitlesProps {
  readonly id: string;
  readonly email: string;
  readonly onChange: () => void;
}

export function SubtitlesPanel({ id, email, onChange }: SubtitlesProps): ReactElement {
  const say = useWords(catalogueWords);
  const asked = getOpsTitlesByIdSubtitles(id);
  return (
    <AskedPanel id="title-subtitles" title={say("titleSubtitles")} email={email} asked={asked}>
      {(value, { reload }) => {
        const changed = (): void => {
          reload();
          onChange();
        };
        return (
          <>
            <p className="soft hint">{say("titleSubtitlesHint")}</p>
            <Tracks value={value} onChange={changed} />
            <TrackForm value={value} onChange={changed} />
          </>
        );
      }}
    </AskedPanel>
  );
}

interface TracksProps {
  readonly value: SubtitleTracks;
  readonly onChange: () => void;
}

function Tracks({ value: { titleId, tracks }, onChange }: TracksProps): ReactElement {
  const say = useWords(catalogueWords);
  const { busy, error, act } = useAct();
  const columns = [say("name"), say("language"), say("track"), ""].map((name) => [name, ""] as const);
  const remove = (track: string) => () =>
    act(async () => {
      await deleteOpsTitlesByIdSubtitlesByTrack(titleId, track);
      onChange();
    });
  return (
    <>
      <Listing caption={say("titleSubtitles")} none={say("noSubtitles")} columns={columns} rows={tracks}>
        {({ id, name, language, isForced }) => (
          <tr key={id}>
            <th scope="row">
              <bdi>{name}</bdi> {isForced && <span className="badge">{say("forced")}</span>}
            </th>
            <td>
              <code>{language}</code>
            </td>
            <td>
              <code>{id}</code>
            </td>
            <td>
              <Sure
                text={say("takeAway")}
                label={say("takeAwayOf", { name })}
                question={say("takeAwaySure", { name })}
                yes={say("takeAwayYes")}
                no={say("keep")}
                disabled={busy}
                onSure={remove(id)}
              />
            </td>
          </tr>
        )}
      </Listing>
      <Refusal error={error} />
    </>
  );
}

const empty = { language: "", name: "", isForced: false, replaces: "" };

function TrackForm({ value: { titleId, tracks }, onChange }: TracksProps): ReactElement {
  const say = useWords(catalogueWords);
  const [file, setFile] = useState<File>();
  const [wish, setWish] = useState(empty);
  const { busy, error, act } = useAct();
  const set = (more: Partial<typeof empty>): void => setWish({ ...wish, ...more });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (file === undefined) return;
    const { language, name, isForced, replaces } = wish;
    const query = { language, name, forced: String(isForced), ...(replaces === "" ? {} : { replaces }) };
    const path = postOpsTitlesByIdSubtitlesPath(titleId, query);
    const request = { method: "POST", headers: { "content-type": "text/vtt" }, body: file };
    act(async () => {
      await sendBody({ path, schema: subtitleTracks }, request, { withinMs });
      setFile(undefined);
      setWish(empty);
      onChange();
    });
  };
  return (
    <form className="line-form" onSubmit={submit}>
      <FileChoice
        text={file?.name ?? say("chooseVtt")}
        label={say("chooseVtt")}
        accept=".vtt,text/vtt"
        disabled={busy}
        onFiles={([chosen]) => setFile(chosen)}
      />
      <label>
        {say("language")}
        <input
          required
          dir="ltr"
          size={8}
          maxLength={35}
          placeholder={say("languageSuch")}
          value={wish.language}
          onChange={(event) => set({ language: event.target.value })}
        />
      </label>
      <label>
        {say("trackName")}
        <input
          dir="auto"
          maxLength={64}
          value={wish.name}
          onChange={(event) => set({ name: event.target.value })}
        />
      </label>
      <label>
        {say("inPlaceOf")}
        <select value={wish.replaces} onChange={(event) => set({ replaces: event.target.value })}>
          <option value="">{say("besideOthers")}</option>
          {tracks.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={wish.isForced}
          onChange={(event) => set({ isForced: event.target.checked })}
        />
        {say("forcedTrack")}
      </label>
      <button type="submit" disabled={busy || file === undefined}>
        {say("putIn")}
      </button>
      <Refusal error={error} />
    </form>
  );
}
