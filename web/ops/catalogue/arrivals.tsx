// Films that are on their way or were refused, as the control plane knows them, however they come.
import type { ReactElement } from "react";
import { useState } from "react";
import { formatBytes, formatShare, fraction } from "#web/format.ts";
import { useAct } from "#web/ops/act.ts";
import { useAgo } from "#web/ops/ago.ts";
import { Columns } from "#web/ops/columns.tsx";
import { More } from "#web/ops/panel.tsx";
import { Refusal } from "#web/ops/refusal.tsx";
import { Sure } from "#web/ops/sure.tsx";
import { Wide } from "#web/ops/wide.tsx";
import { useWords } from "#web/words/say.ts";
import type { ArrivalBody } from "#wire/upload.ts";
import { catalogueWords } from "./catalogue-words.ts";

const page = 10;

interface ArrivalsProps {
  readonly arrivals: readonly ArrivalBody[];
  readonly nowMs: number;
  readonly caption: string;
  readonly none: string;
  readonly onForget: (id: string) => Promise<void>;
}

export function Arrivals({ arrivals, nowMs, caption, none, onForget }: ArrivalsProps): ReactElement {
  const say = useWords(catalogueWords);
  const ago = useAgo();
  const [limit, setLimit] = useState(page);
  const { busy, error, act } = useAct();
  if (arrivals.length === 0) return <p className="soft hint">{none}</p>;
  return (
    <>
      <Refusal error={error} />
      <Wide>
        <table>
          <caption className="unseen">{caption}</caption>
          <Columns
            columns={[
              [say("file"), ""],
              [say("state"), ""],
              [say("received"), "number"],
              [say("lastByte"), "number"],
              ["", ""],
            ]}
          />
          <tbody>
            {arrivals.slice(0, limit).map((arrival) => (
              <tr key={arrival.id}>
                <th scope="row" className="names">
                  <bdi>{arrival.fileName}</bdi>
                  {arrival.url !== undefined && <span className="faint block">{arrival.url}</span>}
                </th>
                <td className="names">
                  <span className={`badge ${arrival.state}`}>{say(`arrival.${arrival.state}`)}</span>
                  {arrival.refusal !== undefined && (
                    <span className="because block" lang="en" dir="auto">
                      {arrival.refusal.sentence} <code>{arrival.refusal.code}</code>
                    </span>
                  )}
                </td>
                <td className="number">
                  <bdi>{received(arrival)}</bdi>
                </td>
                <td className="number">
                  <bdi>{ago(arrival.touchedAtMs, nowMs)}</bdi>
                </td>
                <td className="acts">
                  <Sure
                    text={say(arrival.state === "receiving" ? "giveUp" : "forget")}
                    label={say(arrival.state === "receiving" ? "giveUpOf" : "forgetOf", {
                      name: arrival.fileName,
                    })}
                    question={say(arrival.state === "receiving" ? "giveUpSure" : "forgetSure")}
                    yes={say("yes")}
                    no={say("keep")}
                    disabled={busy}
                    onSure={() => act(() => onForget(arrival.id))}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      <More
        shown={Math.min(limit, arrivals.length)}
        all={arrivals.length}
        onMore={() => setLimit(limit + page)}
      />
    </>
  );
}

function received({ bytes, receivedBytes, state }: ArrivalBody): string {
  if (bytes === 0) return formatBytes(receivedBytes);
  if (state !== "receiving") return formatBytes(bytes);
  return `${formatBytes(receivedBytes)} / ${formatBytes(bytes)} · ${formatShare(fraction(receivedBytes, bytes))}`;
}
