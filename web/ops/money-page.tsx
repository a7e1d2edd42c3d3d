// What delivery costs and saves, in the operator's own prices: sites, titles, subscriptions and the books.
import "#web/ops/catalogue/catalogue.css";
import "#web/ops/money/money.css";
import type { ReactElement } from "react";
import { useState } from "react";
import { useSignedIn } from "#web/app/session.ts";
import { Boundary } from "#web/boundary.tsx";
import { useDocumentTitle } from "#web/notice.tsx";
import { Books } from "#web/ops/money/books.tsx";
import { Delivery } from "#web/ops/money/delivery.tsx";
import { moneyWords } from "#web/ops/money/money-words.ts";
import { PriceForm } from "#web/ops/money/price-form.tsx";
import { usePrices } from "#web/ops/money/prices.ts";
import { Titles } from "#web/ops/money/titles.tsx";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsMoney } from "#wire/money.ts";
import { getOpsMoney } from "./money-client.ts";
import { opsWords } from "./ops-words.ts";
import { PageHead } from "./page-head.tsx";
import { Facts, Panel } from "./panel.tsx";

const everyMs = 30_000;
const spans = ["1", "24", "48"] as const;

export function MoneyPage(): ReactElement {
  const ops = useWords(opsWords);
  const say = useWords(moneyWords);
  const { me } = useSignedIn();
  const [hours, setHours] = useState("24");
  const priced = usePrices();
  const asked = getOpsMoney({ hours });
  const resource = useResource({ ...asked, everyMs });
  useDocumentTitle(ops("money"));
  const frame = { path: asked.path, email: me.email, resource };
  return (
    <>
      <PageHead title={ops("money")} about={say("about")}>
        <label className="choice">
          {say("span")}
          <select value={hours} onChange={(event) => setHours(event.target.value)}>
            {spans.map((one) => (
              <option key={one} value={one}>
                {say("hours", { hours: Number(one) })}
              </option>
            ))}
          </select>
        </label>
      </PageHead>
      <PriceForm {...priced} />
      <Boundary>
        <Panel id="delivery" title={say("delivery")} {...frame}>
          {(money) => <Delivery money={money} prices={priced.prices} />}
        </Panel>
      </Boundary>
      <Boundary>
        <Panel id="title-money" title={say("titles")} {...frame}>
          {(money) => <Titles money={money} prices={priced.prices} />}
        </Panel>
      </Boundary>
      <Boundary>
        <Panel id="subscriptions" title={say("subscriptions")} {...frame}>
          {(money) => <Subscriptions money={money} />}
        </Panel>
      </Boundary>
      {me.role === "admin" && (
        <Boundary>
          <Books email={me.email} />
        </Boundary>
      )}
    </>
  );
}

function Subscriptions({ money: { subscriptions } }: { readonly money: OpsMoney }): ReactElement {
  const say = useWords(moneyWords);
  if (subscriptions === undefined) return <p className="soft">{say("nothingSold")}</p>;
  if (subscriptions.length === 0) return <p className="soft">{say("nobodySubscribes")}</p>;
  return <Facts facts={subscriptions.map(({ status, customers }) => [statusText(status, say), customers])} />;
}

type Say = ReturnType<typeof useWords<typeof moneyWords.en>>;
const statuses = ["incomplete", "trial", "active", "past-due", "suspended", "cancelled"] as const;

function statusText(status: string, say: Say): string {
  const known = statuses.find((one) => one === status);
  return known === undefined ? status : say(`status.${known}`);
}
