// One figure of the overview: how much, its last hour as a line, what it means, and where to ask for it.
import type { ReactElement } from "react";
import { Loading } from "#web/notice.tsx";
import type { Resource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsQualityDefinitions } from "#wire/quality.ts";
import { Chart } from "./chart.tsx";
import type { ChartLine } from "./chart-data.ts";
import { overviewWords } from "./overview-words.ts";
import { CopyCurl, PanelTrouble } from "./panel.tsx";
import { panelWords } from "./panel-words.ts";

export interface TileFigure {
  /** Undefined: there is no data; `sub` says why. */
  readonly value: string | undefined;
  readonly sub: string;
  readonly lines: readonly ChartLine[];
  readonly format: (value: number) => string;
}

interface TileProps<T> {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly email: string;
  readonly resource: Resource<T>;
  readonly meaning: string | readonly OpsQualityDefinitions["definitions"][number][];
  readonly figure: (value: T, atMs: number) => TileFigure;
}

export function Tile<T>(props: TileProps<T>): ReactElement {
  const { id, name, path, email, resource, meaning, figure } = props;
  const { value, error, atMs, reload } = resource;
  const say = useWords(overviewWords);
  const tell = useWords(panelWords);
  const read = value === undefined || atMs === undefined ? undefined : figure(value, atMs);
  return (
    <article className="tile" aria-labelledby={`tile-${id}`}>
      <h3 id={`tile-${id}`}>{name}</h3>
      {read !== undefined && <Read name={name} read={read} />}
      {read === undefined && error !== undefined && <PanelTrouble error={error} retry={reload} />}
      {read === undefined && error === undefined && <Loading what={tell("fetching")} />}
      <footer>
        <details>
          <summary>{say("meaning")}</summary>
          {typeof meaning === "string" ? <p>{meaning}</p> : <Definitions of={meaning} />}
        </details>
        <CopyCurl path={path} email={email} />
      </footer>
    </article>
  );
}

function Read({ name, read }: { readonly name: string; readonly read: TileFigure }): ReactElement {
  const say = useWords(overviewWords);
  const { value, sub, lines, format } = read;
  const known = (lines[0]?.points ?? []).flatMap((point) => (point.value === null ? [] : [point.value]));
  const label =
    known.length === 0
      ? say("noLine", { name })
      : say("hourLine", { name, most: format(Math.max(...known)) });
  return (
    <>
      <p className={value === undefined ? "figure-of none" : "figure-of"}>
        <bdi>{value ?? "–"}</bdi>
      </p>
      <p className="faint">{sub}</p>
      <Chart label={label} lines={lines} write={format} height={112} />
    </>
  );
}

function Definitions({
  of,
}: {
  readonly of: readonly OpsQualityDefinitions["definitions"][number][];
}): ReactElement {
  return (
    <dl lang="en" dir="auto">
      {of.map(({ id, name, sentence, formula }) => (
        <div key={id}>
          <dt>{name}</dt>
          <dd>
            {sentence} {formula !== undefined && <code>{formula}</code>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
