// Every title and work in one list, by state, found by a part of the name; a page of it at a time, however many there are.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useDeferredValue, useState } from "react";
import { formatBytes, formatLength } from "#web/format.ts";
import { getOpsCatalogTitles } from "#web/ops/catalogue-client.ts";
import { Columns } from "#web/ops/columns.tsx";
import { Panel } from "#web/ops/panel.tsx";
import { Wide } from "#web/ops/wide.tsx";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsShelf, ShelfRow } from "#wire/ops-catalog.ts";
import { catalogueWords } from "./catalogue-words.ts";

const everyMs = 10_000;
const page = "20";
const states = ["published", "withheld", "announced"] as const;

export function Shelf({ email }: { readonly email: string }): ReactElement {
  const say = useWords(catalogueWords);
  const [q, setQ] = useState("");
  const [state, setState] = useState("");
  const [trail, setTrail] = useState<readonly string[]>([]);
  const wanted = useDeferredValue(q);
  const after = trail.at(-1) ?? "";
  const asked = getOpsCatalogTitles({
    q: wanted,
    limit: page,
    ...(state && { state }),
    ...(after && { after }),
  });
  const resource = useResource({ ...asked, everyMs, keepsLast: true });
  const ask = (change: () => void): void => {
    change();
    setTrail([]);
  };
  const question = (
    <search className="line-form">
      <label className="wide-field">
        {say("search")}
        <input
          type="search"
          dir="auto"
          value={q}
          placeholder={say("searchHint")}
          onChange={(event) => ask(() => setQ(event.target.value))}
        />
      </label>
      <label>
        {say("state")}
        <select value={state} onChange={(event) => ask(() => setState(event.target.value))}>
          <option value="">{say("all")}</option>
          {states.map((one) => (
            <option key={one} value={one}>
              {say(`title.${one}`)}
            </option>
          ))}
        </select>
      </label>
    </search>
  );
  return (
    <Panel
      id="titles"
      title={say("titles")}
      path={asked.path}
      email={email}
      resource={resource}
      question={question}
    >
      {(shelf) => (
        <Rows
          shelf={shelf}
          isFormer={resource.isFormer}
          before={trail.length * Number(page)}
          onBack={trail.length === 0 ? undefined : () => setTrail(trail.slice(0, -1))}
          onNext={(next) => setTrail([...trail, next])}
        />
      )}
    </Panel>
  );
}

interface RowsProps {
  readonly shelf: OpsShelf;
  /** Of the question before: its place in the list is not this one's. */
  readonly isFormer: boolean;
  readonly before: number;
  readonly onBack: (() => void) | undefined;
  readonly onNext: (next: string) => void;
}

function Rows({ shelf, isFormer, before, onBack, onNext }: RowsProps): ReactElement {
  const say = useWords(catalogueWords);
  const { counts, found, rows, next } = shelf;
  return (
    <>
      <p className="soft hint">{say("shelfCounts", counts)}</p>
      {rows.length === 0 ? (
        <p>{say(found === 0 ? "nothingFound" : "noTitles")}</p>
      ) : (
        <Wide>
          <table>
            <caption className="unseen">{say("titles")}</caption>
            <Columns
              columns={[
                [say("name"), ""],
                [say("state"), ""],
                [say("rights"), ""],
                [say("ages"), "number"],
                [say("picture"), "number"],
                [say("length"), "number"],
                [say("size"), "number"],
              ]}
            />
            <tbody>
              {rows.map((row) => (
                <Row key={row.id} row={row} />
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      <div className="pager">
        <button type="button" className="quiet" disabled={onBack === undefined} onClick={onBack}>
          {say("before")}
        </button>
        <span className="faint">
          {found > 0 && !isFormer && say("shownOf", { from: before + 1, to: before + rows.length, found })}
        </span>
        <button
          type="button"
          className="quiet"
          disabled={next === null || isFormer}
          onClick={() => next !== null && onNext(next)}
        >
          {say("next")}
        </button>
      </div>
    </>
  );
}

function Row({ row }: { readonly row: ShelfRow }): ReactElement {
  const say = useWords(catalogueWords);
  const { id, name, kind, state, age, durationMs, bytes, height, encrypted } = row;
  return (
    <tr>
      <th scope="row" className="names">
        <Link to="/ops/catalogue/$id" params={{ id }}>
          <bdi>{name}</bdi>
        </Link>
        <span className="faint block">
          {say(kind === null ? "kind.undescribed" : `kind.${kind}`)} · <code>{id}</code>
        </span>
      </th>
      <td>
        <span className={`badge ${state}`}>{say(`title.${state}`)}</span>
        {encrypted && <span className="badge">{say("encrypted")}</span>}
      </td>
      <td>{rightsIn(row, say)}</td>
      <td className="number">
        <bdi>{age === null ? "–" : `${age}+`}</bdi>
      </td>
      <td className="number">
        <bdi>{height === null ? "–" : `${height}p`}</bdi>
      </td>
      <td className="number">
        <bdi>{durationMs === null ? "–" : formatLength(durationMs)}</bdi>
      </td>
      <td className="number">
        <bdi>{bytes === null ? "–" : formatBytes(bytes)}</bdi>
      </td>
    </tr>
  );
}

type Say = ReturnType<typeof useWords<typeof catalogueWords.en>>;

/** In a few words: whether it may be watched here now. */
export function rightsIn({ access, windows }: Pick<ShelfRow, "access" | "windows">, say: Say): string {
  if (windows === 0) return say("access.always");
  return say(`access.${access}`);
}
