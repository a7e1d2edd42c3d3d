// Records of the event log that nobody could use, and why.
import type { ReactElement } from "react";
import { formatBytes } from "#web/format.ts";
import { useAgo } from "#web/ops/ago.ts";
import { Columns } from "#web/ops/columns.tsx";
import { Panel } from "#web/ops/panel.tsx";
import { getOpsDeadLetters } from "#web/ops/settings-client.ts";
import { Wide } from "#web/ops/wide.tsx";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import { settingsWords } from "./settings-words.ts";

export function DeadLetters({ email }: { readonly email: string }): ReactElement {
  const say = useWords(settingsWords);
  const ago = useAgo();
  const asked = getOpsDeadLetters({ limit: "50" });
  const resource = useResource(asked);
  return (
    <Panel id="dead-letters" title={say("dead")} path={asked.path} email={email} resource={resource}>
      {({ letters }, nowMs) =>
        letters.length === 0 ? (
          <p className="soft">{say("noDead")}</p>
        ) : (
          <Wide>
            <table>
              <caption className="unseen">{say("dead")}</caption>
              <Columns
                columns={[
                  [say("when"), ""],
                  [say("consumer"), ""],
                  [say("place"), ""],
                  [say("size"), "number"],
                  [say("because"), ""],
                ]}
              />
              <tbody>
                {letters.map(({ atMs, consumer, partition, offset, bytes, because }) => (
                  <tr key={`${consumer} ${partition} ${offset}`}>
                    <td>{ago(atMs, nowMs)}</td>
                    <td>
                      <code>{consumer}</code>
                    </td>
                    <td>
                      <code>
                        {partition}, {offset}
                      </code>
                    </td>
                    <td className="number">
                      <bdi>{formatBytes(bytes)}</bdi>
                    </td>
                    <td className="soft" lang="en" dir="auto">
                      {because}
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
