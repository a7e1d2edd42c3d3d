// Where the operator says what things cost.
import type { ReactElement } from "react";
import { useWords } from "#web/words/say.ts";
import { moneyWords } from "./money-words.ts";
import type { Priced } from "./prices.ts";

const fields = ["egressPerGb", "listPerGb", "cpuHour", "storagePerGbMonth"] as const;
const currencies = ["EUR", "USD", "GBP", "CHF", "JPY", "AED", "EGP", "SAR", "INR", "BRL"];

export function PriceForm({ prices, isExample, put }: Priced): ReactElement {
  const say = useWords(moneyWords);
  return (
    <fieldset className="prices">
      <legend>
        {say("prices")} {isExample && <span className="badge draining">{say("examples")}</span>}
      </legend>
      <p className="soft hint">{say(isExample ? "examplesHint" : "pricesHint")}</p>
      <div className="line-form">
        {fields.map((field) => (
          <label key={field}>
            {say(`price.${field}`)}
            <input
              type="number"
              min={0}
              step="any"
              defaultValue={prices[field]}
              onChange={(event) => {
                if (event.target.value !== "") put({ [field]: event.target.valueAsNumber });
              }}
            />
          </label>
        ))}
        <label>
          {say("currency")}
          <select value={prices.currency} onChange={(event) => put({ currency: event.target.value })}>
            {currencies.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
      </div>
    </fieldset>
  );
}
