// Tokens of workers and appliances: made here, seen once, revoked for ever.
import type { FormEvent, ReactElement } from "react";
import { useState } from "react";
import { useAct } from "#web/ops/act.ts";
import { useAgo } from "#web/ops/ago.ts";
import { AskedPanel } from "#web/ops/asked-panel.tsx";
import { Columns } from "#web/ops/columns.tsx";
import { More } from "#web/ops/panel.tsx";
import { Refusal } from "#web/ops/refusal.tsx";
import { getOpsTokens, postOpsTokens, postOpsTokensByIdRevoke } from "#web/ops/settings-client.ts";
import { Sure } from "#web/ops/sure.tsx";
import { Wide } from "#web/ops/wide.tsx";
import { useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import type { MadeToken, TokenRow } from "#wire/identity.ts";
import { settingsWords } from "./settings-words.ts";

const page = 20;

export function Tokens({ email }: { readonly email: string }): ReactElement {
  const say = useWords(settingsWords);
  return (
    <AskedPanel
      {...{ id: "tokens", title: say("tokens"), email, asked: getOpsTokens() }}
      question={(reload) => <NewToken onDone={reload} />}
    >
      {({ tokens }, { nowMs, reload }) => <TokenList tokens={tokens} nowMs={nowMs} onDone={reload} />}
    </AskedPanel>
  );
}

function NewToken({ onDone }: { readonly onDone: () => void }): ReactElement {
  const say = useWords(settingsWords);
  const [kind, setKind] = useState("worker");
  const [made, setMade] = useState<MadeToken>();
  const { busy, error, act } = useAct();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const said = new FormData(form);
    const text = (name: string): string => String(said.get(name) ?? "").trim();
    const days = text("days") === "" ? {} : { days: Number(text("days")) };
    const about = { name: text("name"), ...days };
    act(async () => {
      setMade(
        await postOpsTokens(
          kind === "worker"
            ? { kind: "worker", ...about }
            : { kind: "appliance", ...about, applianceId: text("applianceId") },
        ),
      );
      form.reset();
      onDone();
    });
  };
  return (
    <form onSubmit={submit} className="line-form">
      <label>
        {say("kind")}
        <select value={kind} onChange={(event) => setKind(event.target.value)}>
          <option value="worker">{say("kind.worker")}</option>
          <option value="appliance">{say("kind.appliance")}</option>
        </select>
      </label>
      <label className="wide-field">
        {say("name")}
        <input name="name" required maxLength={80} dir="auto" />
      </label>
      {kind === "appliance" && (
        <label>
          {say("applianceId")}
          <input name="applianceId" required maxLength={64} dir="ltr" />
        </label>
      )}
      <label>
        {say("days")}
        <input name="days" type="number" min={1} max={3650} placeholder={say("forEver")} />
      </label>
      <button type="submit" disabled={busy}>
        {say("makeToken")}
      </button>
      <Refusal error={error} />
      {made !== undefined && (
        <div className="made-token" role="status">
          <p>
            <b>
              <bdi>{made.name}</bdi>
            </b>{" "}
            · {say("tokenOnce")}
          </p>
          <pre>
            <code>{made.token}</code>
          </pre>
          <button type="button" className="quiet" onClick={() => setMade(undefined)}>
            {say("hideToken")}
          </button>
        </div>
      )}
    </form>
  );
}

interface ListProps {
  readonly tokens: readonly TokenRow[];
  readonly nowMs: number;
  readonly onDone: () => void;
}

function TokenList({ tokens, nowMs, onDone }: ListProps): ReactElement {
  const say = useWords(settingsWords);
  const ago = useAgo();
  const { locale } = useLanguage();
  const [limit, setLimit] = useState(page);
  const { busy, error, act } = useAct();
  if (tokens.length === 0) return <p className="soft">{say("noTokens")}</p>;
  const revoke = (id: string) => () =>
    act(async () => {
      await postOpsTokensByIdRevoke(id);
      onDone();
    });
  return (
    <>
      <Refusal error={error} />
      <Wide>
        <table>
          <caption className="unseen">{say("tokens")}</caption>
          <Columns
            columns={[
              [say("name"), ""],
              [say("kind"), ""],
              [say("made"), "number"],
              [say("ends"), "number"],
              [say("lastUsed"), "number"],
              ["", ""],
            ]}
          />
          <tbody>
            {tokens
              .slice(0, limit)
              .map(({ id, name, kind, applianceId, createdAtMs, expiresAtMs, lastUsedAtMs }) => (
                <tr key={id}>
                  <th scope="row" className="names">
                    <bdi>{name}</bdi>
                  </th>
                  <td>
                    {say(`kind.${kind}`)} {applianceId !== undefined && <code>{applianceId}</code>}
                  </td>
                  <td className="number">{ago(createdAtMs, nowMs)}</td>
                  <td className="number">
                    {expiresAtMs === undefined
                      ? say("forEver")
                      : new Date(expiresAtMs).toLocaleDateString(locale)}
                  </td>
                  <td className="number">
                    {lastUsedAtMs === undefined ? say("neverUsed") : ago(lastUsedAtMs, nowMs)}
                  </td>
                  <td className="acts">
                    <Sure
                      text={say("revoke")}
                      label={say("revokeOf", { name })}
                      question={say("revokeSure")}
                      yes={say("yes")}
                      no={say("keep")}
                      disabled={busy}
                      onSure={revoke(id)}
                    />
                  </td>
                </tr>
              ))}
          </tbody>
        </table>
      </Wide>
      <More
        shown={Math.min(limit, tokens.length)}
        all={tokens.length}
        onMore={() => setLimit(limit + page)}
      />
    </>
  );
}
