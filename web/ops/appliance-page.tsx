// One box: how it is, what it holds, hears and lacks, and what happened to it.
import { Link, useParams } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useSignedIn } from "#web/app/session.ts";
import { Boundary } from "#web/boundary.tsx";
import { useDocumentTitle } from "#web/notice.tsx";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import { ApplianceBox } from "./appliance-box.tsx";
import { getOpsAppliances } from "./client.ts";
import { networkWords } from "./network-words.ts";
import { PageHead } from "./page-head.tsx";
import { Panel } from "./panel.tsx";

const everyMs = 3000;

export function AppliancePage(): ReactElement {
  const { id } = useParams({ from: "/shell/ops/appliances/$id" });
  const say = useWords(networkWords);
  const { me } = useSignedIn();
  useDocumentTitle(id);
  const asked = getOpsAppliances();
  const resource = useResource({ ...asked, everyMs });
  const appliance = resource.value?.appliances.find((one) => one.id === id);
  return (
    <>
      <PageHead
        title={id}
        about={appliance === undefined ? "" : `${appliance.siteName} · ${say(appliance.role)}`}
      >
        <Link className="button quiet" to="/ops/appliances">
          {say("toFleet")}
        </Link>
      </PageHead>
      <Boundary>
        <Panel id="appliance" title={say("now")} path={asked.path} email={me.email} resource={resource}>
          {(value, atMs) => {
            const one = value.appliances.find((box) => box.id === id);
            if (one === undefined) return <p className="problem">{say("applianceGone")}</p>;
            return <ApplianceBox appliance={one} nowMs={atMs} onDone={resource.reload} />;
          }}
        </Panel>
      </Boundary>
    </>
  );
}
