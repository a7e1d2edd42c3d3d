// Parts of the page of one appliance: its fill and TLS, its log, its turns of health, its most played files.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { digits, formatBytes } from "#web/format.ts";
import { useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsApplianceDetail } from "#wire/ops-network.ts";
import { useAgo } from "./ago.ts";
import { boxWords } from "./box-words.ts";
import { type Column, Columns } from "./columns.tsx";
import { networkWords } from "./network-words.ts";
import { Facts } from "./panel.tsx";
import { Wide } from "./wide.tsx";

interface FactsProps {
  readonly appliance: OpsApplianceDetail["appliance"];
  readonly nowMs: number;
}

export function BoxFacts({ appliance: { report } }: FactsProps): ReactElement | null {
  const say = useWords(boxWords);
  const { locale } = useLanguage();
  if (report === null) return null;
  const { fill, tls } = report;
  const window = fill.window === undefined ? "always" : fill.window.isOpen ? "open" : "shut";
  const day = (ms: number): string => new Date(ms).toLocaleDateString(locale, { dateStyle: "medium" });
  return (
    <>
      <h3>{say("fill")}</h3>
      <Facts
        facts={[
          [say("queued"), fill.queued.toLocaleString("en")],
          [say("urgent"), (fill.urgent ?? 0).toLocaleString("en")],
          [say("deferred"), (fill.deferred ?? 0).toLocaleString("en")],
          [say("rejected"), fill.rejected.toLocaleString("en")],
          [say("window"), say(window)],
          [say("fetched"), formatBytes(fill.bytes)],
          [say("epoch"), report.desiredEpoch],
          [say("address"), <bdi key="address">{report.baseUrl}</bdi>],
        ]}
      />
      <h3>{say("tls")}</h3>
      {tls === undefined ? (
        <p className="soft">{say("noTls")}</p>
      ) : (
        <>
          <Facts
            facts={[
              [say("encrypts"), say(tls.by === "kernel" ? "kernel" : "userSpace")],
              [say("certificateEnds"), day(tls.certificateEndsAtMs)],
            ]}
          />
          {tls.because !== "" && (
            <p className="faint" lang="en" dir="auto">
              {tls.because}
            </p>
          )}
        </>
      )}
    </>
  );
}

interface LogProps {
  readonly events: OpsApplianceDetail["events"];
  readonly nowMs: number;
}

const states = { info: "healthy", warn: "silent", error: "unhealthy" } as const;

export function BoxLog({ events, nowMs }: LogProps): ReactElement {
  const say = useWords(boxWords);
  const ago = useAgo();
  return (
    <>
      <h3>{say("log")}</h3>
      {events.length === 0 && <p className="soft">{say("noLog")}</p>}
      <ol className="changes">
        {events.toReversed().map(({ atMs, level, words }) => (
          <li key={`${atMs} ${words}`} className={states[level]}>
            <time dateTime={new Date(atMs).toISOString()}>{ago(atMs, nowMs)}</time>
            <code lang="en" dir="ltr">
              {words}
            </code>
          </li>
        ))}
      </ol>
    </>
  );
}

interface HealthProps {
  readonly changes: OpsApplianceDetail["changes"];
  readonly nowMs: number;
}

export function BoxHealth({ changes, nowMs }: HealthProps): ReactElement {
  const say = useWords(boxWords);
  const name = useWords(networkWords);
  const ago = useAgo();
  return (
    <>
      <h3>{say("health")}</h3>
      {changes.length === 0 && <p className="soft">{say("noHealth")}</p>}
      <ol className="changes">
        {changes.map(({ atMs, from, to, because }) => (
          <li key={`${atMs} ${to}`} className={to}>
            <time dateTime={new Date(atMs).toISOString()}>{ago(atMs, nowMs)}</time>
            <div>
              {say("becameFrom", { to: name(to), from: name(from) })}
              <p className="faint" lang="en" dir="auto">
                {because}
              </p>
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}

export function BoxFiles({ files }: Pick<OpsApplianceDetail, "files">): ReactElement {
  const say = useWords(boxWords);
  const columns: readonly Column[] = [
    [say("file"), ""],
    [say("title"), ""],
    [say("plays"), "number"],
    [say("size"), "number"],
    [say("here"), ""],
  ];
  if (files.length === 0) return <p className="soft">{say("noFiles")}</p>;
  return (
    <Wide>
      <table>
        <caption>{say("files")}</caption>
        <Columns columns={columns} />
        <tbody>
          {files.map(({ fileId, titleId, titleName, playsPerDay, sizeBytes, isVerified }) => (
            <tr key={fileId}>
              <th scope="row">{fileId}</th>
              <td>
                <Link to="/title/$id" params={{ id: titleId }}>
                  <bdi>{titleName}</bdi>
                </Link>
              </td>
              <td className="number">{digits(playsPerDay)}</td>
              <td className="number">{formatBytes(sizeBytes)}</td>
              <td>{say(isVerified ? "verified" : "missing")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
