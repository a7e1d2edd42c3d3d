// One box: how it is, what it sends, holds, hears and lacks, and what happened to it.
import "./overview.css";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useSignedIn } from "#web/app/session.ts";
import { Boundary } from "#web/boundary.tsx";
import { useDocumentTitle } from "#web/notice.tsx";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import { ApplianceBox } from "./appliance-box.tsx";
import { BoxRoutesPanel, SentPanel } from "./box-panels.tsx";
import { BoxFacts, BoxFiles, BoxHealth, BoxLog } from "./box-parts.tsx";
import { getOpsAppliancesById } from "./client.ts";
import { Misses } from "./misses.tsx";
import { networkWords } from "./network-words.ts";
import { PageHead } from "./page-head.tsx";
import { Panel } from "./panel.tsx";

const everyMs = 3000;

export function AppliancePage(): ReactElement {
  const { id } = useParams({ from: "/shell/ops/appliances/$id" });
  const say = useWords(networkWords);
  const { me } = useSignedIn();
  useDocumentTitle(id);
  const asked = getOpsAppliancesById(id);
  const resource = useResource({ ...asked, everyMs });
  const box = resource.value?.appliance;
  return (
    <>
      <PageHead title={id} about={box === undefined ? "" : `${box.siteName} · ${say(box.role)}`}>
        <Link to="/ops/appliances">{say("toFleet")}</Link>
      </PageHead>
      <div className="two-thirds">
        <div>
          <Boundary>
            <SentPanel id={id} whole={box?.throughputBps} email={me.email} />
          </Boundary>
          <Boundary>
            <Panel id="appliance" title={say("now")} path={asked.path} email={me.email} resource={resource}>
              {({ appliance, changes, events, files }, atMs) => (
                <>
                  <BoxFacts appliance={appliance} nowMs={atMs} />
                  <BoxLog events={events} nowMs={atMs} />
                  <BoxHealth changes={changes} nowMs={atMs} />
                  <BoxFiles files={files} />
                  <Misses appliances={[appliance]} nowMs={atMs} />
                </>
              )}
            </Panel>
          </Boundary>
        </div>
        <div>
          {box !== undefined && resource.atMs !== undefined && (
            <ApplianceBox appliance={box} nowMs={resource.atMs} onDone={resource.reload} />
          )}
          <Boundary>
            <BoxRoutesPanel id={id} email={me.email} />
          </Boundary>
        </div>
      </div>
    </>
  );
}
