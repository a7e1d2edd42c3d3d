// Records of the event log that nobody could use, and why.
import type { ReactElement } from "react";
import { formatBytes } from "#web/format.ts";
import { useAgo } from "#web/ops/ago.ts";
import { AskedPanel } from "#web/ops/asked-panel.tsx";
import { Listing } from "#web/ops/listing.tsx";
import { getOpsDeadLetters } from "#web/ops/settings-client.ts";
import { useWords } from "#web/words/say.ts";
import { settingsWords } from "./settings-words.ts";

export function DeadLetters({ email }: { readonly email: string }): ReactElement {
  const say = useWords(settingsWords);
  const ago = useAgo();
  const columns = [
    [say("when"), ""],
    [say("consumer"), ""],
    [say("place"), ""],
    [say("size"), "number"],
    [say("because"), ""],
  ] as const;
  return (
    <AskedPanel
      id="dead-letters"
      title={say("dead")}
      email={email}
      asked={getOpsDeadLetters({ limit: "50" })}
    >
      {({ letters }, { nowMs }) => (
        <Listing caption={say("dead")} none={say("noDead")} columns={columns} rows={letters}>
          {({ atMs, consumer, partition, offset, bytes, because }) => (
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
          )}
        </Listing>
      )}
    </AskedPanel>
  );
}
