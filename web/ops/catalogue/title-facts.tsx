// What a title is: state, package, what can be heard and read, which plans reach it; and the button that withholds it.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { formatBytes, formatLength, formatRate } from "#web/format.ts";
import { useAct } from "#web/ops/act.ts";
import { useAgo } from "#web/ops/ago.ts";
import { postOpsTitlesByIdAllow, postOpsTitlesByIdDeny } from "#web/ops/catalogue-client.ts";
import { Columns } from "#web/ops/columns.tsx";
import { Facts } from "#web/ops/panel.tsx";
import { Refusal } from "#web/ops/refusal.tsx";
import { Sure } from "#web/ops/sure.tsx";
import { Wide } from "#web/ops/wide.tsx";
import { useWords } from "#web/words/say.ts";
import type { OpsShelfTitle } from "#wire/ops-catalog.ts";
import { catalogueWords } from "./catalogue-words.ts";
import { rightsIn } from "./shelf.tsx";

interface TitleProps {
  readonly value: OpsShelfTitle;
  readonly onChange: () => void;
}

export function TitleFacts({ value, onChange }: TitleProps): ReactElement {
  const say = useWords(catalogueWords);
  const ago = useAgo();
  const { row, audio, subtitles, plans, territory } = value;
  const isMade = row.publishedAtMs !== null;
  return (
    <>
      <Facts
        facts={[
          [
            say("state"),
            <span key="state" className={`badge ${row.state}`}>
              {say(`title.${row.state}`)}
            </span>,
          ],
          [say("rights"), rightsIn(row, say), say("rightsHint")],
          [say("territory"), territory === "" ? say("noTerritory") : territory],
          [
            say("length"),
            <bdi key="length">{row.durationMs === null ? "–" : formatLength(row.durationMs)}</bdi>,
          ],
          [say("size"), <bdi key="size">{row.bytes === null ? "–" : formatBytes(row.bytes)}</bdi>],
          [say("published"), row.publishedAtMs === null ? "–" : ago(row.publishedAtMs, Date.now())],
          [say("protection"), say(row.encrypted ? "encrypted" : "clear")],
        ]}
      />
      {isMade && <Withhold value={value} onChange={onChange} />}
      {isMade && (
        <div className="side-by-side">
          <Choices title={say("audio")} none={say("noAudio")} choices={audio} />
          <Choices title={say("subtitles")} none={say("noSubtitles")} choices={subtitles} />
        </div>
      )}
      {isMade && <p className="faint">{say("subtitlesHint")}</p>}
      {plans.length > 0 && (
        <section aria-label={say("plans")}>
          <h3>{say("plans")}</h3>
          <ul className="chips">
            {plans.map(({ planId, name, maxHeight, isWhole }) => (
              <li key={planId}>
                <bdi>{name}</bdi> <span className="faint">{maxHeight}p</span>{" "}
                <span className={`badge ${isWhole ? "healthy" : ""}`}>
                  {say(isWhole ? "planWhole" : "planPart")}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Renditions value={value} />
      {isMade && (
        <p>
          <Link to="/title/$id" params={{ id: row.id }}>
            {say("asViewers")}
          </Link>
        </p>
      )}
    </>
  );
}

function Withhold({ value: { row }, onChange }: TitleProps): ReactElement {
  const say = useWords(catalogueWords);
  const { busy, error, act } = useAct();
  const isWithheld = row.state === "withheld";
  const wish = (work: (id: string) => Promise<unknown>) => () =>
    act(async () => {
      await work(row.id);
      onChange();
    });
  return (
    <div>
      {isWithheld ? (
        <button type="button" disabled={busy} onClick={wish(postOpsTitlesByIdAllow)}>
          {say("allow")}
        </button>
      ) : (
        <Sure
          text={say("withhold")}
          question={say("withholdSure")}
          yes={say("withholdYes")}
          no={say("keep")}
          disabled={busy}
          onSure={wish(postOpsTitlesByIdDeny)}
        />
      )}
      <Refusal error={error} />
    </div>
  );
}

interface ChoicesProps {
  readonly title: string;
  readonly none: string;
  readonly choices: readonly {
    readonly language: string;
    readonly name: string;
    readonly isForced?: boolean;
  }[];
}

function Choices({ title, none, choices }: ChoicesProps): ReactElement {
  const say = useWords(catalogueWords);
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {choices.length === 0 ? (
        <p className="soft hint">{none}</p>
      ) : (
        <ul className="chips">
          {choices.map(({ language, name, isForced = false }) => (
            <li key={`${language} ${name}`}>
              <bdi>{name}</bdi> <code>{language}</code>{" "}
              {isForced && <span className="badge">{say("forced")}</span>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Renditions({ value: { renditions } }: { readonly value: OpsShelfTitle }): ReactElement | null {
  const say = useWords(catalogueWords);
  if (renditions.length === 0) return null;
  return (
    <details>
      <summary>{say("renditions", { count: renditions.length })}</summary>
      <Wide>
        <table>
          <caption className="unseen">{say("renditions", { count: renditions.length })}</caption>
          <Columns
            columns={[
              [say("rendition"), ""],
              [say("codecs"), ""],
              [say("picture"), "number"],
              [say("rate"), "number"],
              [say("size"), "number"],
            ]}
          />
          <tbody>
            {renditions.map(({ id, codecs, width, height, bitrateBps, bytes }) => (
              <tr key={id}>
                <th scope="row">
                  <code>{id}</code>
                </th>
                <td>
                  <code>{codecs}</code>
                </td>
                <td className="number">
                  <bdi>{height === 0 ? "–" : `${width}×${height}`}</bdi>
                </td>
                <td className="number">
                  <bdi>{bitrateBps === 0 ? "–" : formatRate(bitrateBps)}</bdi>
                </td>
                <td className="number">
                  <bdi>{formatBytes(bytes)}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </details>
  );
}
