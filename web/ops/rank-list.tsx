// Steering's answer for an address in words: the ranked sources with what set each apart, and what left the others out.
import type { ReactElement } from "react";
import { useWords } from "#web/words/say.ts";
import type { OpsExplain } from "#wire/ops.ts";
import { type Column, Columns } from "./columns.tsx";
import { rankId, rankWords } from "./rank-words.ts";
import { Wide } from "./wide.tsx";

const shown = 20;

export function RankList({ explained }: { readonly explained: OpsExplain }): ReactElement {
  const say = useWords(rankWords);
  const columns: readonly Column[] = [
    [say("rank"), "number"],
    [say("source"), ""],
    [say("rule"), ""],
    [say("why"), ""],
  ];
  const { address, ranked } = explained;
  return (
    <>
      <Wide>
        <table>
          <caption>{say("ranked", { address })}</caption>
          <Columns columns={columns} />
          <tbody>
            {ranked.map(({ id, rule, because }, at) => (
              <tr key={id}>
                <td className="number">{at + 1}</td>
                <th scope="row">
                  <bdi>{id}</bdi>
                </th>
                <td>{say(rankId("r", rule))}</td>
                <td lang="en" dir="auto">
                  {because}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      <p className="faint">{say("drawn")}</p>
      <LeftOut explained={explained} />
    </>
  );
}

function LeftOut({ explained }: { readonly explained: OpsExplain }): ReactElement {
  const say = useWords(rankWords);
  const { leftOut, eliminated } = explained;
  if (leftOut.length === 0) return <p className="soft">{say("nobodyOut")}</p>;
  const byRule = Map.groupBy(eliminated.slice(0, shown), ({ by }) => by);
  return (
    <>
      <h3>{say("leftOut")}</h3>
      <ul className="left-out">
        {leftOut.map(({ by, appliances }) => (
          <li key={by}>
            {say("out", { n: appliances, by: say(rankId("e", by)) })}
            <ul>
              {byRule.get(by)?.map(({ id, because }) => (
                <li key={id} className="faint">
                  <bdi>{id}</bdi>:{" "}
                  <span lang="en" dir="auto">
                    {because}
                  </span>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </>
  );
}
