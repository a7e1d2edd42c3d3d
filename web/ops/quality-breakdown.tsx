// Sessions that are over, by one dimension, two or three, in the order of any measure.
import type { ReactElement } from "react";
import { useId, useMemo, useState } from "react";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsQualityBreakdown } from "#wire/quality.ts";
import { getOpsQoeBreakdown } from "./client.ts";
import { More, Panel } from "./panel.tsx";
import { type Measure, measures, type Order, sorted, spanFrom } from "./quality-figures.ts";
import { qualityWords } from "./quality-words.ts";
import { Wide } from "./wide.tsx";

const everyMs = 30_000;
const page = 25;
export const dimensions = ["network", "appliance", "device", "title"] as const;
export type Dimension = (typeof dimensions)[number];
/** Of sessions; windows know no more than `dimensions`. */
const sessionDimensions = [...dimensions, "codec", "rule"] as const;
type SessionDimension = (typeof sessionDimensions)[number];
const others = ["", ...sessionDimensions] as const;
const hours = [1, 24, 168] as const;

export function BreakdownPanel({ email }: { readonly email: string }): ReactElement {
  const say = useWords(qualityWords);
  const [by, setBy] = useState<SessionDimension>("network");
  const [and, setAnd] = useState<SessionDimension | "">("appliance");
  const [also, setAlso] = useState<SessionDimension | "">("codec");
  const [span, setSpan] = useState<number>(24);
  const from = spanFrom(Date.now(), span);
  const asked = getOpsQoeBreakdown({
    ...{ by, from: String(from), limit: "300" },
    ...(and !== "" && { and }),
    ...(also !== "" && { also }),
  });
  const resource = useResource({ ...asked, everyMs, keepsLast: true });
  const question = (
    <p className="choice">
      <Choice label={say("by")} value={by} choose={setBy} among={sessionDimensions} />
      <Choice label={say("and")} value={and} choose={setAnd} among={others} />
      <Choice label={say("also")} value={also} choose={setAlso} among={others} />
      <SpanChoice hours={span} choose={setSpan} />
    </p>
  );
  return (
    <Panel
      id="breakdown"
      title={say("breakdown")}
      path={asked.path}
      email={email}
      resource={resource}
      question={question}
    >
      {(value) => <Breakdown value={value} />}
    </Panel>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly among: readonly T[];
  readonly choose: (value: T) => void;
}

export function Choice<T extends SessionDimension | "">(props: ChoiceProps<T>): ReactElement {
  const { label, value, among, choose } = props;
  const say = useWords(qualityWords);
  const id = useId();
  const pick = (text: string): void => {
    const found = among.find((one) => one === text);
    if (found !== undefined) choose(found);
  };
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => pick(event.target.value)}>
        {among.map((one) => (
          <option key={one} value={one}>
            {say(one === "" ? "nothingElse" : one)}
          </option>
        ))}
      </select>
    </>
  );
}

interface SpanProps {
  readonly hours: number;
  readonly choose: (hours: number) => void;
}

function SpanChoice({ hours: chosen, choose }: SpanProps): ReactElement {
  const say = useWords(qualityWords);
  const id = useId();
  return (
    <>
      <label htmlFor={id}>{say("span")}</label>
      <select id={id} value={chosen} onChange={(event) => choose(Number(event.target.value))}>
        {hours.map((count) => (
          <option key={count} value={count}>
            {say("hours", { count })}
          </option>
        ))}
      </select>
    </>
  );
}

function Breakdown({ value }: { readonly value: OpsQualityBreakdown }): ReactElement {
  const say = useWords(qualityWords);
  const [order, setOrder] = useState<Order>({ id: "plays", direction: "down" });
  const [limit, setLimit] = useState(page);
  const groups = useMemo(() => sorted(value.groups, order), [value, order]);
  const named = (label: string): string => (label === "" || label === "unknown" ? say("unknown") : label);
  if (groups.length === 0) return <p className="soft">{say("nothing")}</p>;
  return (
    <>
      <p className="soft">{say("ofEnded")}</p>
      <Wide>
        <table>
          <caption className="unseen">{say("breakdown")}</caption>
          <thead>
            <tr>
              <th scope="col">{say(value.by)}</th>
              {value.and !== null && <th scope="col">{say(value.and)}</th>}
              {value.also !== null && <th scope="col">{say(value.also)}</th>}
              {measures.map((measure) => (
                <SortHead key={measure.id} measure={measure} order={order} sort={setOrder} />
              ))}
            </tr>
          </thead>
          <tbody>
            {groups.slice(0, limit).map((group) => (
              <tr key={`${group.key}\n${group.other}\n${group.third}`}>
                <th scope="row">{named(group.key)}</th>
                {value.and !== null && <td>{named(group.other)}</td>}
                {value.also !== null && <td>{named(group.third)}</td>}
                {measures.map(({ id, of, write }) => {
                  const found = of(group);
                  return (
                    <td key={id} className="number">
                      {found === null ? "–" : write(found)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      <More
        shown={Math.min(limit, groups.length)}
        all={groups.length}
        onMore={() => setLimit(limit + page)}
      />
      {value.leftOut > 0 && <p className="faint">{say("leftOut", { count: value.leftOut })}</p>}
    </>
  );
}

interface HeadProps {
  readonly measure: Measure;
  readonly order: Order;
  readonly sort: (order: Order) => void;
}

/** The name leads to its definition; the arrow sorts. */
function SortHead({ measure, order, sort }: HeadProps): ReactElement {
  const say = useWords(qualityWords);
  const isOrder = order.id === measure.id;
  const next = isOrder && order.direction === "down" ? "up" : "down";
  const sign = isOrder ? (order.direction === "down" ? "▼" : "▲") : "▽";
  const state = isOrder ? (order.direction === "down" ? "descending" : "ascending") : "none";
  return (
    <th scope="col" className="number sortable" aria-sort={state}>
      <a href={`#def-${measure.definition}`}>{say(`m_${measure.id}`)}</a>
      <button
        type="button"
        aria-label={say("sort", { by: say(`m_${measure.id}`) })}
        onClick={() => sort({ id: measure.id, direction: next })}
      >
        {sign}
      </button>
    </th>
  );
}
