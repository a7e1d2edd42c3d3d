// Accounts and what they may do: found by email, a page at a time.
import type { ReactElement } from "react";
import { useDeferredValue, useState } from "react";
import { useAct } from "#web/ops/act.ts";
import { Columns } from "#web/ops/columns.tsx";
import { Panel } from "#web/ops/panel.tsx";
import { Refusal } from "#web/ops/refusal.tsx";
import {
  getAdminAccounts,
  postAdminAccountsByIdLock,
  postAdminAccountsByIdRole,
  postAdminAccountsByIdUnlock,
} from "#web/ops/settings-client.ts";
import { Sure } from "#web/ops/sure.tsx";
import { Wide } from "#web/ops/wide.tsx";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import { settingsWords } from "./settings-words.ts";

const roles = ["viewer", "operator", "admin"] as const;
type Role = (typeof roles)[number];

export function Accounts({ email }: { readonly email: string }): ReactElement {
  const say = useWords(settingsWords);
  const [q, setQ] = useState("");
  const [trail, setTrail] = useState<readonly string[]>([]);
  const search = useDeferredValue(q);
  const asked = getAdminAccounts({ search, after: trail.at(-1) ?? "" });
  const resource = useResource({ ...asked, keepsLast: true });
  const question = (
    <search className="line-form">
      <label className="wide-field">
        {say("search")}
        <input
          type="search"
          dir="ltr"
          value={q}
          placeholder={say("accountsHint")}
          onChange={(event) => {
            setQ(event.target.value);
            setTrail([]);
          }}
        />
      </label>
    </search>
  );
  return (
    <Panel
      id="accounts"
      title={say("accounts")}
      path={asked.path}
      email={email}
      resource={resource}
      question={question}
    >
      {({ accounts, next }) => (
        <>
          {accounts.length === 0 ? (
            <p className="soft">{say("noAccounts")}</p>
          ) : (
            <Wide>
              <table>
                <caption className="unseen">{say("accounts")}</caption>
                <Columns
                  columns={[
                    [say("email"), ""],
                    [say("role"), ""],
                    [say("standing"), ""],
                    ["", ""],
                  ]}
                />
                <tbody>
                  {accounts.map((account) => (
                    <AccountRow key={account.id} account={account} onDone={resource.reload} />
                  ))}
                </tbody>
              </table>
            </Wide>
          )}
          <div className="pager">
            <button
              type="button"
              className="quiet"
              disabled={trail.length === 0}
              onClick={() => setTrail(trail.slice(0, -1))}
            >
              {say("before")}
            </button>
            <button
              type="button"
              className="quiet"
              disabled={next === null || resource.isFormer}
              onClick={() => next !== null && setTrail([...trail, next])}
            >
              {say("next")}
            </button>
          </div>
        </>
      )}
    </Panel>
  );
}

interface RowProps {
  readonly account: {
    readonly id: string;
    readonly email: string;
    readonly role: Role;
    readonly standing: "good" | "none" | "suspended";
    readonly locked: boolean;
  };
  readonly onDone: () => void;
}

function AccountRow({ account, onDone }: RowProps): ReactElement {
  const say = useWords(settingsWords);
  const { busy, error, act } = useAct();
  const { id, email, role, standing, locked } = account;
  const change = (work: () => Promise<unknown>): void =>
    act(async () => {
      await work();
      onDone();
    });
  return (
    <tr>
      <th scope="row" className="names">
        <bdi>{email}</bdi> {locked && <span className="badge unhealthy">{say("locked")}</span>}
        <Refusal error={error} />
      </th>
      <td>
        <RolePick
          email={email}
          role={role}
          busy={busy}
          onRole={(wanted) => change(() => postAdminAccountsByIdRole(id, { role: wanted }))}
        />
      </td>
      <td>{say(`standing.${standing}`)}</td>
      <td className="acts">
        {locked ? (
          <button
            type="button"
            className="quiet"
            aria-label={say("unlockOf", { email })}
            disabled={busy}
            onClick={() => change(() => postAdminAccountsByIdUnlock(id))}
          >
            {say("unlock")}
          </button>
        ) : (
          <Sure
            text={say("lock")}
            label={say("lockOf", { email })}
            question={say("lockSure")}
            yes={say("yes")}
            no={say("keep")}
            disabled={busy}
            onSure={() => change(() => postAdminAccountsByIdLock(id))}
          />
        )}
      </td>
    </tr>
  );
}

interface RolePickProps {
  readonly email: string;
  readonly role: Role;
  readonly busy: boolean;
  readonly onRole: (wanted: Role) => void;
}

/** A choice is only a wish until it is confirmed: in a list that has the focus, one arrow key picks another. */
function RolePick({ email, role, busy, onRole }: RolePickProps): ReactElement {
  const say = useWords(settingsWords);
  const [picked, setPicked] = useState<Role>();
  const wanted = picked ?? role;
  return (
    <>
      <select
        aria-label={say("roleOf", { email })}
        value={wanted}
        disabled={busy}
        onChange={(event) => setPicked(roles.find((one) => one === event.target.value))}
      >
        {roles.map((one) => (
          <option key={one} value={one}>
            {say(`role.${one}`)}
          </option>
        ))}
      </select>
      {wanted !== role && (
        <Sure
          key={wanted}
          text={say("setRole")}
          label={say("setRoleOf", { email })}
          question={say("roleSure", { email, role: say(`role.${wanted}`) })}
          yes={say("yes")}
          no={say("keep")}
          disabled={busy}
          onSure={() => {
            setPicked(undefined);
            onRole(wanted);
          }}
        />
      )}
    </>
  );
}
