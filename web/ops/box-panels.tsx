// What one appliance sent, and what it hears from its neighbours.
import type { ReactElement } from "react";
import { formatRate } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import { boxWords } from "./box-words.ts";
import { Chart } from "./chart.tsx";
import { getOpsRoutes, getOpsSeries } from "./client.ts";
import { type Column, Columns } from "./columns.tsx";
import { linesOf } from "./overview-figures.ts";
import { Panel } from "./panel.tsx";
import { Wide } from "./wide.tsx";

const seriesMs = 15_000;
const routesMs = 5000;

interface SentProps {
  readonly id: string;
  readonly whole: number | undefined;
  readonly email: string;
}

export function SentPanel({ id, whole, email }: SentProps): ReactElement {
  const say = useWords(boxWords);
  const q = `name,millrace_appliance_sent_bits_per_second,:eq,appliance,${id},:eq,:and,:sum`;
  const asked = getOpsSeries({ q, s: "e-1h" });
  const resource = useResource({ ...asked, everyMs: seriesMs });
  return (
    <Panel id="sent" title={say("sent")} path={asked.path} email={email} resource={resource}>
      {(value) => {
        const [line] = linesOf(value);
        if (line === undefined || line.last === null) return <p className="soft">{say("noSent")}</p>;
        const most = formatRate(Math.max(...line.points.map((point) => point.value ?? 0)));
        const rate = formatRate(line.last.value);
        return (
          <>
            <p className="soft">{say("sentNow", { rate, most, whole: formatRate(whole ?? Number.NaN) })}</p>
            <Chart
              label={say("sentLine", { id, most })}
              lines={[{ name: "", colour: "buffer", points: line.points }]}
              write={formatRate}
              area={true}
            />
          </>
        );
      }}
    </Panel>
  );
}

export function BoxRoutesPanel({ id, email }: { readonly id: string; readonly email: string }): ReactElement {
  const say = useWords(boxWords);
  const asked = getOpsRoutes();
  const resource = useResource({ ...asked, everyMs: routesMs });
  const columns: readonly Column[] = [
    [say("neighbour"), ""],
    [say("state"), ""],
    ["IPv4", "number"],
    ["IPv6", "number"],
  ];
  return (
    <Panel id="bgp" title={say("bgp")} path={asked.path} email={email} resource={resource}>
      {(value) => {
        const heard = value.appliances.find((one) => one.id === id);
        if (heard === undefined || heard.sessions.length === 0) return <p className="soft">{say("noBgp")}</p>;
        return (
          <Wide>
            <table>
              <caption lang="en">{heard.because}</caption>
              <Columns columns={columns} />
              <tbody>
                {heard.sessions.map(({ id: neighbour, state, prefixes }) => (
                  <tr key={neighbour}>
                    <th scope="row">{neighbour}</th>
                    <td>
                      <span className={state === "up" ? "badge healthy" : "badge silent"} lang="en">
                        {state}
                      </span>
                    </td>
                    <td className="number">{prefixes.v4.toLocaleString("en")}</td>
                    <td className="number">{prefixes.v6.toLocaleString("en")}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
        );
      }}
    </Panel>
  );
}
