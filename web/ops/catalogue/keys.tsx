// Which key encryption keys wrap how many content keys. No key is ever on a page.
import type { ReactElement } from "react";
import { useState } from "react";
import { useSignedIn } from "#web/app/session.ts";
import { useAct } from "#web/ops/act.ts";
import { getOpsKeys, postOpsKeysRewrap } from "#web/ops/catalogue-client.ts";
import { Columns } from "#web/ops/columns.tsx";
import { Panel } from "#web/ops/panel.tsx";
import { Refusal } from "#web/ops/refusal.tsx";
import { Sure } from "#web/ops/sure.tsx";
import { Wide } from "#web/ops/wide.tsx";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { KeyState, Rewrapped } from "#wire/licence.ts";
import { catalogueWords } from "./catalogue-words.ts";

export function Keys({ email }: { readonly email: string }): ReactElement {
  const say = useWords(catalogueWords);
  const asked = getOpsKeys();
  const resource = useResource(asked);
  return (
    <Panel id="keys" title={say("keys")} path={asked.path} email={email} resource={resource}>
      {(state) => <Wrappers state={state} onDone={resource.reload} />}
    </Panel>
  );
}

function Wrappers({
  state,
  onDone,
}: {
  readonly state: KeyState;
  readonly onDone: () => void;
}): ReactElement {
  const say = useWords(catalogueWords);
  const { me } = useSignedIn();
  const [done, setDone] = useState<Rewrapped>();
  const { busy, error, act } = useAct();
  const others = state.wrappers.filter(({ kekId }) => kekId !== state.kekId);
  return (
    <>
      <p className="soft hint">{say("keysHint")}</p>
      {state.wrappers.length === 0 ? (
        <p>{say("noKeys")}</p>
      ) : (
        <Wide>
          <table>
            <caption className="unseen">{say("keys")}</caption>
            <Columns
              columns={[
                [say("wrappingKey"), ""],
                [say("keysWrapped"), "number"],
              ]}
            />
            <tbody>
              {state.wrappers.map(({ kekId, keys }) => (
                <tr key={kekId}>
                  <th scope="row">
                    <code>{kekId}</code>{" "}
                    {kekId === state.kekId && <span className="badge healthy">{say("wrapsNew")}</span>}
                  </th>
                  <td className="number">
                    <bdi>{keys}</bdi>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      {me.role === "admin" && others.length > 0 && (
        <p>
          <Sure
            text={say("rewrap")}
            question={say("rewrapSure", { count: others.reduce((sum, { keys }) => sum + keys, 0) })}
            yes={say("yes")}
            no={say("keep")}
            disabled={busy}
            onSure={() =>
              act(async () => {
                setDone(await postOpsKeysRewrap());
                onDone();
              })
            }
          />
        </p>
      )}
      {done !== undefined && (
        <p role="status">{say("rewrapped", { count: done.rewrapped, unopened: done.unopenedCount })}</p>
      )}
      <Refusal error={error} />
    </>
  );
}
