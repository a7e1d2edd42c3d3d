// The catalogue as a file: tried out, taken over, fetched, and taken back to an earlier version.
import type { ReactElement } from "react";
import { useState } from "react";
import { sendBody } from "#web/api.ts";
import { useAct } from "#web/ops/act.ts";
import { useAgo } from "#web/ops/ago.ts";
import { AskedPanel } from "#web/ops/asked-panel.tsx";
import {
  getOpsCatalogExportPath,
  getOpsCatalogVersions,
  postOpsCatalogImportPath,
  postOpsCatalogRollback,
} from "#web/ops/catalogue-client.ts";
import { Columns } from "#web/ops/columns.tsx";
import { Facts, More } from "#web/ops/panel.tsx";
import { Refusal } from "#web/ops/refusal.tsx";
import { Sure } from "#web/ops/sure.tsx";
import { Wide } from "#web/ops/wide.tsx";
import { useWords } from "#web/words/say.ts";
import { type ImportAnswer, importAnswer } from "#wire/catalog.ts";
import { catalogueWords } from "./catalogue-words.ts";
import { FileChoice } from "./file-choice.tsx";

const page = 8;
/** Large files are read and compared as a whole. */
const withinMs = 120_000;

export function Metadata({ email }: { readonly email: string }): ReactElement {
  const say = useWords(catalogueWords);
  return (
    <AskedPanel
      {...{ id: "metadata", title: say("metadata"), email, asked: getOpsCatalogVersions() }}
      question={(reload) => <TakeOver onDone={reload} />}
    >
      {({ versions }, { nowMs, reload }) => <Versions versions={versions} nowMs={nowMs} onDone={reload} />}
    </AskedPanel>
  );
}

/** Bytes of works, in CSV or JSON; `dryRun` changes nothing. */
export async function importWorks(
  body: Blob,
  form: "csv" | "json",
  { mode = "merge", dryRun }: { readonly mode?: string; readonly dryRun: boolean },
): Promise<ImportAnswer> {
  const path = postOpsCatalogImportPath({ mode, dryRun: String(dryRun) });
  const headers = { "content-type": form === "csv" ? "text/csv" : "application/json" };
  return sendBody({ path, schema: importAnswer }, { method: "POST", headers, body }, { withinMs });
}

function TakeOver({ onDone }: { readonly onDone: () => void }): ReactElement {
  const say = useWords(catalogueWords);
  const [file, setFile] = useState<File>();
  const [mode, setMode] = useState("merge");
  const [answer, setAnswer] = useState<ImportAnswer>();
  const { busy, error, act } = useAct();
  const send = (dryRun: boolean): void => {
    if (file === undefined) return;
    const form = file.name.toLowerCase().endsWith(".json") ? "json" : "csv";
    act(async () => {
      setAnswer(await importWorks(file, form, { mode, dryRun }));
      if (!dryRun) onDone();
    });
  };
  const forget = (change: () => void): void => {
    change();
    setAnswer(undefined);
  };
  return (
    <>
      <div className="line-form">
        <FileChoice
          text={file?.name ?? say("worksFile")}
          label={say("worksFile")}
          accept=".csv,.json,text/csv,application/json"
          onFiles={([chosen]) => forget(() => setFile(chosen))}
        />
        <label>
          {say("mode")}
          <select value={mode} onChange={(event) => forget(() => setMode(event.target.value))}>
            <option value="merge">{say("mode.merge")}</option>
            <option value="replace">{say("mode.replace")}</option>
          </select>
        </label>
        <button
          type="button"
          className="quiet"
          disabled={busy || file === undefined}
          onClick={() => send(true)}
        >
          {say("tryOut")}
        </button>
        <button type="button" disabled={busy || answer?.kind !== "checked"} onClick={() => send(false)}>
          {say("takeOver")}
        </button>
        <a className="button second" href={getOpsCatalogExportPath({ form: "csv" })} download>
          {say("exportCsv")}
        </a>
        <a className="button second" href={getOpsCatalogExportPath({ form: "json" })} download>
          {say("exportJson")}
        </a>
      </div>
      <Refusal error={error} />
      {answer !== undefined && <ImportResult answer={answer} />}
    </>
  );
}

export function ImportResult({ answer }: { readonly answer: ImportAnswer }): ReactElement {
  const say = useWords(catalogueWords);
  const { kind, works, added, changed, unchanged, removed, complaints, complaintsFound } = answer;
  return (
    <div className="import-result" role="status">
      <p>{say(`import.${kind}`, { version: answer.version })}</p>
      <Facts
        facts={[
          [say("works"), works],
          [say("added"), added],
          [say("changed"), changed],
          [say("unchanged"), unchanged],
          [say("removed"), removed],
        ]}
      />
      {complaints.length > 0 && (
        <ul className="complaints" lang="en" dir="auto">
          {complaints.map(({ line, id, field, because }) => (
            <li key={`${line} ${id} ${field} ${because}`}>
              <code>
                {line}
                {id !== "" && ` ${id}`}
                {field !== "" && `.${field}`}
              </code>{" "}
              {because}
            </li>
          ))}
        </ul>
      )}
      {complaintsFound > complaints.length && (
        <p className="faint">{say("moreComplaints", { count: complaintsFound - complaints.length })}</p>
      )}
    </div>
  );
}

interface VersionsProps {
  readonly versions: readonly {
    readonly version: number;
    readonly createdAtMs: number;
    readonly works: number;
    readonly note: string;
  }[];
  readonly nowMs: number;
  readonly onDone: () => void;
}

function Versions({ versions, nowMs, onDone }: VersionsProps): ReactElement {
  const say = useWords(catalogueWords);
  const ago = useAgo();
  const [limit, setLimit] = useState(page);
  const { busy, error, act } = useAct();
  if (versions.length === 0) return <p className="soft hint">{say("noVersions")}</p>;
  const newest = versions[0]?.version;
  return (
    <>
      <Refusal error={error} />
      <Wide>
        <table>
          <caption>{say("versions")}</caption>
          <Columns
            columns={[
              [say("version"), "number"],
              [say("made"), "number"],
              [say("works"), "number"],
              [say("note"), ""],
              ["", ""],
            ]}
          />
          <tbody>
            {versions.slice(0, limit).map(({ version, createdAtMs, works, note }) => (
              <tr key={version}>
                <th scope="row" className="number">
                  {version}
                </th>
                <td className="number">
                  <bdi>{ago(createdAtMs, nowMs)}</bdi>
                </td>
                <td className="number">
                  <bdi>{works}</bdi>
                </td>
                <td className="names" lang="en" dir="auto">
                  {note}
                </td>
                <td className="acts">
                  {version === newest ? (
                    <span className="badge healthy">{say("inForce")}</span>
                  ) : (
                    <Sure
                      text={say("rollBack")}
                      label={say("rollBackOf", { version })}
                      question={say("rollBackSure", { version })}
                      yes={say("yes")}
                      no={say("keep")}
                      disabled={busy}
                      onSure={() =>
                        act(async () => {
                          await postOpsCatalogRollback({ version });
                          onDone();
                        })
                      }
                    />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      <More
        shown={Math.min(limit, versions.length)}
        all={versions.length}
        onMore={() => setLimit(limit + page)}
      />
    </>
  );
}
