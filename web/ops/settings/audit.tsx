// Who did what: the audit log, newest first, and the check that nobody altered it.
import type { ReactElement } from "react";
import { useEffect, useRef, useState } from "react";
import { useAct } from "#web/ops/act.ts";
import { useAgo } from "#web/ops/ago.ts";
import { Columns } from "#web/ops/columns.tsx";
import { Panel } from "#web/ops/panel.tsx";
import { Refusal } from "#web/ops/refusal.tsx";
import { getOpsAudit } from "#web/ops/settings-client.ts";
import { Wide } from "#web/ops/wide.tsx";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import { type Checked, checkChain } from "./chain.ts";
import { settingsWords } from "./settings-words.ts";

const page = "25";
const everyMs = 5000;

export function Audit({ email }: { readonly email: string }): ReactElement {
  const say = useWords(settingsWords);
  const ago = useAgo();
  const [before, setBefore] = useState("");
  const asked = getOpsAudit({ limit: page, ...(before && { before }) });
  const resource = useResource({ ...asked, everyMs });
  return (
    <Panel
      id="audit"
      title={say("audit")}
      path={asked.path}
      email={email}
      resource={resource}
      question={<Check />}
    >
      {({ rows }, nowMs) => (
        <>
          {rows.length === 0 ? (
            <p className="soft">{say("auditEmpty")}</p>
          ) : (
            <Wide>
              <table>
                <caption className="unseen">{say("audit")}</caption>
                <Columns
                  columns={[
                    ["#", "number"],
                    [say("when"), ""],
                    [say("actor"), ""],
                    [say("action"), ""],
                    [say("object"), ""],
                    [say("outcome"), ""],
                  ]}
                />
                <tbody>
                  {rows.map(({ seq, atMs, actor, action, object, outcome }) => (
                    <tr key={seq}>
                      <td className="number">{seq}</td>
                      <td>{ago(atMs, nowMs)}</td>
                      <td>
                        <code>{actor}</code>
                      </td>
                      <td>
                        <code>{action}</code>
                      </td>
                      <td>
                        <code>{object}</code>
                      </td>
                      <td>{outcome}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Wide>
          )}
          <div className="pager">
            <button type="button" className="quiet" disabled={before === ""} onClick={() => setBefore("")}>
              {say("newest")}
            </button>
            <button
              type="button"
              className="quiet"
              disabled={(rows.at(-1)?.seq ?? 1) <= 1}
              onClick={() => setBefore(String(rows.at(-1)?.seq ?? ""))}
            >
              {say("older")}
            </button>
          </div>
        </>
      )}
    </Panel>
  );
}

function Check(): ReactElement {
  const say = useWords(settingsWords);
  const [count, setCount] = useState<number>();
  const [checked, setChecked] = useState<Checked>();
  const { busy, error, act } = useAct();
  const leaving = useRef(new AbortController());
  useEffect(() => {
    leaving.current = new AbortController();
    return () => leaving.current.abort();
  }, []);
  const check = (): void => {
    setChecked(undefined);
    act(async () => setChecked(await checkChain(setCount, leaving.current.signal)));
  };
  return (
    <div className="line-form">
      <button type="button" className="quiet" disabled={busy} onClick={check}>
        {say("verify")}
      </button>
      <p className="soft hint" role="status">
        {busy && say("verifying", { count: count ?? 0 })}
        {!busy && checked === undefined && say("verifyHint")}
        {!busy && checked?.kind === "whole" && say("whole", { count: checked.rows, seq: checked.seq })}
        {!busy && checked?.kind === "broken" && <b>{say("broken", { seq: checked.seq })}</b>}
      </p>
      <Refusal error={error} />
    </div>
  );
}
