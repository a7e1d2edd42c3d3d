// Labels and names of a title's keys. The keys themselves are on no page.
import type { ReactElement } from "react";
import { useAgo } from "#web/ops/ago.ts";
import { AskedPanel } from "#web/ops/asked-panel.tsx";
import { getOpsTitlesByIdKeys } from "#web/ops/catalogue-client.ts";
import { Listing } from "#web/ops/listing.tsx";
import { useWords } from "#web/words/say.ts";
import { catalogueWords } from "./catalogue-words.ts";

export function TitleKeysPanel({ id, email }: { readonly id: string; readonly email: string }): ReactElement {
  const say = useWords(catalogueWords);
  const ago = useAgo();
  const columns = [say("label"), say("kid"), say("wrappingKey"), say("use")].map(
    (name) => [name, ""] as const,
  );
  return (
    <AskedPanel id="title-keys" title={say("titleKeys")} email={email} asked={getOpsTitlesByIdKeys(id)}>
      {({ keys }, { nowMs }) => (
        <Listing caption={say("titleKeys")} none={say("noTitleKeys")} columns={columns} rows={keys}>
          {({ label, kid, kekId, endsAtMs }) => (
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
          )}
        </Listing>
      )}
    </AskedPanel>
  );
}
