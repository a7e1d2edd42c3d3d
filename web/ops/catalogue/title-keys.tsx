// Labels and names of a title's keys. The keys themselves are on no page.
import type { ReactElement } from "react";
import { useAgo } from "#web/ops/ago.ts";
import { getOpsTitlesByIdKeys } from "#web/ops/catalogue-client.ts";
import { Columns } from "#web/ops/columns.tsx";
import { Panel } from "#web/ops/panel.tsx";
import { Wide } from "#web/ops/wide.tsx";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import { catalogueWords } from "./catalogue-words.ts";

export function TitleKeysPanel({ id, email }: { readonly id: string; readonly email: string }): ReactElement {
  const say = useWords(catalogueWords);
  const ago = useAgo();
  const asked = getOpsTitlesByIdKeys(id);
  const resource = useResource(asked);
  return (
    <Panel id="title-keys" title={say("titleKeys")} path={asked.path} email={email} resource={resource}>
      {({ keys }, nowMs) =>
        keys.length === 0 ? (
          <p className="soft hint">{say("noTitleKeys")}</p>
        ) : (
          <Wide>
            <table>
              <caption className="unseen">{say("titleKeys")}</caption>
              <Columns
                columns={[
                  [say("label"), ""],
                  [say("kid"), ""],
                  [say("wrappingKey"), ""],
                  [say("use"), ""],
                ]}
              />
              <tbody>
                {keys.map(({ label, kid, kekId, endsAtMs }) => (
                  <tr key={kid}>
                    <th scope="row">{label}</th>
                    <td>
                      <code>{kid}</code>
                    </td>
                    <td>
                      <code>{kekId}</code>
                    </td>
                    <td>
                      {endsAtMs === null && <span className="badge healthy">{say("inUse")}</span>}
                      {endsAtMs !== null && endsAtMs > nowMs && (
                        <span className="badge draining">{say("retiring")}</span>
                      )}
                      {endsAtMs !== null && endsAtMs <= nowMs && (
                        <span className="badge">{say("endedAgo", { ago: ago(endsAtMs, nowMs) })}</span>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
        )
      }
    </Panel>
  );
}
