// What sites sent and hold over a span, in bytes as they were reported and in the operator's prices.
import type { ReactElement } from "react";
import { useState } from "react";
import { digits, formatBytes, formatShare, fraction } from "#web/format.ts";
import { Columns } from "#web/ops/columns.tsx";
import { Facts, More } from "#web/ops/panel.tsx";
import { Wide } from "#web/ops/wide.tsx";
import { useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsMoney } from "#wire/money.ts";
import { type Prices, perGb } from "./money-sum.ts";
import { moneyWords } from "./money-words.ts";
import { moneyText } from "./prices.ts";

const page = 12;

interface DeliveryProps {
  readonly money: OpsMoney;
  readonly prices: Prices;
}

export function Delivery({ money, prices }: DeliveryProps): ReactElement {
  const say = useWords(moneyWords);
  const { locale } = useLanguage();
  const [limit, setLimit] = useState(page);
  const { sites, origin, fromMs, untilMs, knownMs } = money;
  const sent = sites.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  const held = sites.reduce((sum, { heldBytes }) => sum + heldBytes, 0);
  const kept = held + origin.titleBytes + origin.masterBytes;
  const cost = (amount: number): ReactElement => <bdi>{moneyText(amount, prices.currency, locale)}</bdi>;
  const own = perGb(sent, prices.egressPerGb);
  const listed = perGb(sent, prices.listPerGb);
  return (
    <>
      <Facts
        facts={[
          [say("sent"), <bdi key="sent">{formatBytes(sent)}</bdi>],
          [say("sentCost"), cost(own)],
          [say("listCost"), cost(listed), say("listHint")],
          [say("difference"), cost(listed - own)],
          [say("held"), <bdi key="held">{formatBytes(held)}</bdi>],
          [
            say("inOrigin"),
            <bdi key="origin">{formatBytes(origin.titleBytes)}</bdi>,
            say("inOriginHint", { titles: origin.titles }),
          ],
          [
            say("inMasters"),
            <bdi key="masters">{formatBytes(origin.masterBytes)}</bdi>,
            say("inMastersHint", { masters: origin.masters }),
          ],
          [say("storageCost"), cost(perGb(kept, prices.storagePerGbMonth))],
        ]}
      />
      <p className="faint">
        {say("known", {
          share: formatShare(fraction(knownMs, untilMs - fromMs)),
          hours: digits(knownMs / 3_600_000),
        })}
      </p>
      <Wide>
        <table>
          <caption className="unseen">{say("bySite")}</caption>
          <Columns
            columns={[
              [say("site"), ""],
              [say("appliances"), "number"],
              [say("sent"), "number"],
              [say("sentCost"), "number"],
              [say("atList"), "number"],
              [say("held"), "number"],
              [say("used"), "number"],
              [say("filled"), "number"],
            ]}
          />
          <tbody>
            {sites.slice(0, limit).map((site) => (
              <tr key={site.id}>
                <th scope="row">
                  <bdi>{site.id === "" ? say("goneAppliances") : site.name}</bdi>
                </th>
                <td className="number">{site.appliances}</td>
                <td className="number">
                  <bdi>{formatBytes(site.sentBytes)}</bdi>
                </td>
                <td className="number">{cost(perGb(site.sentBytes, prices.egressPerGb))}</td>
                <td className="number">{cost(perGb(site.sentBytes, prices.listPerGb))}</td>
                <td className="number">
                  <bdi>{formatBytes(site.heldBytes)}</bdi>
                </td>
                <td className="number">
                  <bdi>{formatShare(fraction(site.heldBytes, site.budgetBytes))}</bdi>
                </td>
                <td className="number">
                  <bdi>{formatBytes(site.filledFromOriginBytes)}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      <More shown={Math.min(limit, sites.length)} all={sites.length} onMore={() => setLimit(limit + page)} />
      <p className="faint">{say("sentHint")}</p>
    </>
  );
}
