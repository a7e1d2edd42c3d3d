// The miss ledger: what was not served by the best-placed appliances, by why; content, health and other are all of it.
import type { ReactElement } from "react";
import { useState } from "react";
import { formatBytes, formatShare } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import { useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import type { MissFiguresOnWire, OpsMisses } from "#wire/misses.ts";
import { Gauge } from "./bar.tsx";
import { getOpsMisses } from "./client.ts";
import { Facts, More, Panel } from "./panel.tsx";
import { qualityWords } from "./quality-words.ts";
import { Wide } from "./wide.tsx";

const everyMs = 15_000;
const page = 25;
const headings = [
  ["served", "all"],
  ["offload", "offload"],
  ["missRatio", "missRatio"],
] as const;
const classes = ["content", "health", "other"] as const;

export function MissesPanel({ email }: { readonly email: string }): ReactElement {
  const say = useWords(qualityWords);
  const asked = getOpsMisses({});
  const resource = useResource({ ...asked, everyMs });
  return (
    <Panel id="miss-ledger" title={say("misses")} path={asked.path} email={email} resource={resource}>
      {(value) => <Ledger value={value} />}
    </Panel>
  );
}

function Ledger({ value }: { readonly value: OpsMisses }): ReactElement {
  const say = useWords(qualityWords);
  const { locale } = useLanguage();
  const [limit, setLimit] = useState(page);
  const { whole, sites, completeUntilMs } = value;
  if (whole.all === 0) return <p className="soft">{say("nothingServed")}</p>;
  const until =
    completeUntilMs === null ? "–" : new Date(completeUntilMs).toLocaleTimeString(locale, { hour12: false });
  return (
    <>
      <Facts
        facts={[
          [say("served"), formatBytes(whole.all)],
          [say("offload"), ratio(whole.offload), say("offloadHint")],
          [say("missRatio"), ratio(whole.missRatio), say("missRatioHint")],
          ...classes.map((name) => [say(`c_${name}`), shareOf(whole, name), say(`c_${name}Hint`)] as const),
        ]}
      />
      <p className="soft">{say("complete", { until })}</p>
      <Wide>
        <table>
          <caption>{say("bySite")}</caption>
          <thead>
            <tr>
              <th scope="col">{say("site")}</th>
              {headings.map(([name, definition]) => (
                <th key={name} scope="col" className="number sortable">
                  <a href={`#def-${definition}`}>{say(name)}</a>
                </th>
              ))}
              <th scope="col" className="sortable">
                <a href="#def-missShares">{say("causes")}</a>
              </th>
            </tr>
          </thead>
          <tbody>
            {sites.slice(0, limit).map(({ site, whole: of }) => (
              <tr key={site}>
                <th scope="row">{site === "" ? say("unknown") : site}</th>
                <td className="number">{formatBytes(of.all)}</td>
                <td className="number">{ratio(of.offload)}</td>
                <td className="number">{ratio(of.missRatio)}</td>
                <td>
                  <Causes of={of} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      <More shown={Math.min(limit, sites.length)} all={sites.length} onMore={() => setLimit(limit + page)} />
      {value.leftOut > 0 && <p className="faint">{say("leftOut", { count: value.leftOut })}</p>}
    </>
  );
}

function Causes({ of }: { readonly of: MissFiguresOnWire }): ReactElement {
  const say = useWords(qualityWords);
  const words = classes.map((name) => `${say(`c_${name}`)} ${shareOf(of, name)}`).join(" · ");
  const parts = classes.map((name) => ({ name, value: of.misses[name].share }));
  return (
    <>
      <Gauge label={words} parts={parts} whole={10_000} />
      <span className="faint">{words}</span>
    </>
  );
}

function ratio(value: number | null): string {
  return value === null ? "–" : formatShare(value);
}

/** Hundredths of a percent, which over the three are exactly a hundred percent. */
function shareOf({ misses }: MissFiguresOnWire, name: (typeof classes)[number]): string {
  return `${(misses[name].share / 100).toFixed(2)} %`;
}
