// The boxes: are they well, how full, how busy, and is their share of the catalogue verified.
import type { ReactElement } from "react";
import { useState } from "react";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsAppliances } from "#wire/ops.ts";
import { ApplianceBox } from "./appliance-box.tsx";
import { getOpsAppliances } from "./client.ts";
import { type HealthFilter, healths, inOrder, worstFirst } from "./fleet-order.ts";
import { Misses } from "./misses.tsx";
import { networkWords } from "./network-words.ts";
import { More, Panel } from "./panel.tsx";

const everyMs = 3000;
const page = 24;

export function AppliancesPanel({ email }: { readonly email: string }): ReactElement {
  const asked = getOpsAppliances();
  const say = useWords(networkWords);
  const resource = useResource({ ...asked, everyMs });
  return (
    <Panel id="appliances" title={say("fleet")} path={asked.path} email={email} resource={resource}>
      {(value, atMs) => (
        <>
          <p className="soft">
            {summaryOf(value.appliances, say)} {say("origin")} <code dir="ltr">{value.originBaseUrl}</code>
          </p>
          <Fleet appliances={value.appliances} nowMs={atMs} onDone={resource.reload} />
          <Misses appliances={value.appliances} nowMs={atMs} />
        </>
      )}
    </Panel>
  );
}

type Say = ReturnType<typeof useWords<typeof networkWords.en>>;

function summaryOf(appliances: OpsAppliances["appliances"], say: Say): string {
  if (appliances.length === 0) return say("noAppliances");
  const healthy = appliances.filter(({ health }) => health === "healthy").length;
  return say("healthyOf", { healthy, all: appliances.length });
}

interface FleetProps {
  readonly appliances: OpsAppliances["appliances"];
  readonly nowMs: number;
  readonly onDone: () => void;
}

function Fleet({ appliances, nowMs, onDone }: FleetProps): ReactElement {
  const say = useWords(networkWords);
  const [health, setHealth] = useState<HealthFilter>("all");
  const [text, setText] = useState("");
  const [limit, setLimit] = useState(page);
  const found = inOrder(appliances, { health, text });
  return (
    <>
      <search className="fleet-ask">
        <fieldset className="chips">
          <legend className="unseen">{say("filter")}</legend>
          {(["all", ...worstFirst] as const).map((one) => {
            const count = one === "all" ? appliances.length : healths(appliances)[one];
            if (count === 0 && one !== health) return null;
            return (
              <button
                key={one}
                type="button"
                className={`chip ${one}`}
                aria-pressed={health === one}
                onClick={() => setHealth(one)}
              >
                {say(one)} <span className="number">{count}</span>
              </button>
            );
          })}
        </fieldset>
        <label>
          {say("find")}{" "}
          <input
            type="search"
            value={text}
            placeholder={say("findHint")}
            maxLength={64}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        </label>
      </search>
      {found.length === 0 && appliances.length > 0 && <p className="soft">{say("noneFits")}</p>}
      <ul className="boxes">
        {found.slice(0, limit).map((appliance) => (
          <li key={appliance.id}>
            <ApplianceBox appliance={appliance} nowMs={nowMs} onDone={onDone} />
          </li>
        ))}
      </ul>
      <More shown={Math.min(limit, found.length)} all={found.length} onMore={() => setLimit(limit + page)} />
    </>
  );
}
