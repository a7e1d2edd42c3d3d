// What is odd about the routes that the sites hear: what to ask a neighbour about.
import type { ReactElement } from "react";
import { useState } from "react";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsLints } from "#wire/lints.ts";
import { getOpsLints } from "./client.ts";
import { networkWords } from "./network-words.ts";
import { More, Panel } from "./panel.tsx";

const everyMs = 30_000;
const page = 10;

export function LintsPanel({ email }: { readonly email: string }): ReactElement {
  const asked = getOpsLints();
  const say = useWords(networkWords);
  const resource = useResource({ ...asked, everyMs });
  return (
    <Panel id="lints" title={say("lints")} path={asked.path} email={email} resource={resource}>
      {(value) => <Lints value={value} />}
    </Panel>
  );
}

function Lints({ value }: { readonly value: OpsLints }): ReactElement {
  const [limit, setLimit] = useState(page);
  const say = useWords(networkWords);
  const { lints, leftOut, unread } = value;
  return (
    <>
      <p className="soft">{summary(value, say)}</p>
      <ul className="lints">
        {lints.slice(0, limit).map(({ kind, siteId, sentence, mend, examples }) => (
          <li key={`${kind} ${siteId} ${sentence}`} lang="en" dir="auto">
            {sentence}
            <span className="faint"> {mend}.</span>
            {examples.length > 0 && <code className="examples">{examples.join(", ")}</code>}
          </li>
        ))}
      </ul>
      <More shown={Math.min(limit, lints.length)} all={lints.length} onMore={() => setLimit(limit + page)} />
      {leftOut > 0 && <p className="faint">{say("notListed", { n: leftOut })}</p>}
      {unread.count > 0 && (
        <p className="problem">{say("unread", { n: unread.count, examples: unread.examples.join(", ") })}</p>
      )}
    </>
  );
}

type Say = ReturnType<typeof useWords<typeof networkWords.en>>;

function summary({ lints, leftOut, routes, prefixes, sites, tooMany }: OpsLints, say: Say): string {
  if (tooMany) return say("tooMany", { n: routes });
  const over = say("overRoutes", { routes, prefixes, sites });
  const n = lints.length + leftOut;
  return n === 0 ? say("nothingOdd", { over }) : say("oddThings", { n, over });
}
