// What each title cost to encode against what a play of it saves: after how many plays it has paid for itself.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useState } from "react";
import { digits, formatBytes } from "#web/format.ts";
import { Columns } from "#web/ops/columns.tsx";
import { More } from "#web/ops/panel.tsx";
import { Wide } from "#web/ops/wide.tsx";
import { useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsMoney } from "#wire/money.ts";
import { comparisons, cpuCost, type Prices, titleSum } from "./money-sum.ts";
import { moneyWords } from "./money-words.ts";
import { moneyText } from "./prices.ts";

const page = 12;

interface TitlesProps {
  readonly money: OpsMoney;
  readonly prices: Prices;
}

export function Titles({ money, prices }: TitlesProps): ReactElement {
  const say = useWords(moneyWords);
  const [limit, setLimit] = useState(page);
  const [chosen, setChosen] = useState("");
  const { titles, leftOut } = money;
  const ways = comparisons(titles);
  const against = ways.find(({ name }) => name === chosen)?.name ?? ways[0]?.name ?? "";
  if (titles.length === 0) return <p className="soft">{say("noTitles")}</p>;
  return (
    <>
      {ways.length === 0 ? (
        <p className="soft">{say("noComparison")}</p>
      ) : (
        <label className="choice">
          {say("against")}
          <select value={against} onChange={(event) => setChosen(event.target.value)}>
            {ways.map(({ name, label }) => (
              <option key={name} value={name} lang="en">
                {label}
              </option>
            ))}
          </select>
        </label>
      )}
      <Wide>
        <table>
          <caption className="unseen">{say("titles")}</caption>
          <Columns
            columns={[
              [say("title"), ""],
              [say("plays"), "number"],
              [say("cpu"), "number"],
              [say("cpuCost"), "number"],
              [say("savedHour"), "number"],
              [say("savedPlay"), "number"],
              [say("breakEven"), "number"],
              [say("savedSpan"), "number"],
            ]}
          />
          <tbody>
            {titles.slice(0, limit).map((title) => (
              <TitleRow key={title.id} title={title} against={against} prices={prices} />
            ))}
          </tbody>
        </table>
      </Wide>
      <More
        shown={Math.min(limit, titles.length)}
        all={titles.length}
        onMore={() => setLimit(limit + page)}
      />
      {leftOut > 0 && <p className="faint">{say("leftOut", { count: leftOut })}</p>}
      <p className="faint">{say("formula")}</p>
    </>
  );
}

interface RowProps {
  readonly title: OpsMoney["titles"][number];
  readonly against: string;
  readonly prices: Prices;
}

function TitleRow({ title, against, prices }: RowProps): ReactElement {
  const say = useWords(moneyWords);
  const { locale } = useLanguage();
  const { id, name, plays, cpuSeconds, isWhole } = title;
  const sum = titleSum(title, against, prices);
  const cost = (amount: number): string => moneyText(amount, prices.currency, locale);
  const hours = cpuSeconds === null ? "–" : `${isWhole ? "" : "≥ "}${digits(cpuSeconds / 3600)} h`;
  const isPaid = sum?.breakEvenPlays != null && plays >= sum.breakEvenPlays;
  return (
    <tr>
      <th scope="row" className="names">
        <Link to="/ops/catalogue/$id" params={{ id }}>
          <bdi>{name}</bdi>
        </Link>
      </th>
      <td className="number">{plays}</td>
      <td className="number">
        <bdi>{hours}</bdi>
      </td>
      <td className="number">
        <bdi>{cpuSeconds === null ? "–" : cost(cpuCost(cpuSeconds, prices))}</bdi>
      </td>
      <td className="number">
        <bdi>{sum === undefined ? "–" : formatBytes(sum.bitsSavedPerPlayHour / 8)}</bdi>
      </td>
      <td className="number">
        <bdi>{sum === undefined ? "–" : cost(sum.savedPerPlay)}</bdi>
      </td>
      <td className="number">
        {sum === undefined ? "–" : (sum.breakEvenPlays?.toLocaleString(locale) ?? say("never"))}{" "}
        {isPaid && <span className="badge healthy">{say("paid")}</span>}
      </td>
      <td className="number">
        <bdi>{sum === undefined ? "–" : cost(sum.savedInSpan)}</bdi>
      </td>
    </tr>
  );
}
