// Whether an appliance's site passed its check, and what to mend where it did not.
import type { ReactElement } from "react";
import { useWords } from "#web/words/say.ts";
import type { OpsAppliances } from "#wire/ops.ts";

import { useAgo } from "./ago.ts";
import { networkWords } from "./network-words.ts";

type OpsAppliance = OpsAppliances["appliances"][number];

interface AdmissionProps {
  readonly appliance: Pick<OpsAppliance, "admission" | "report">;
  readonly nowMs: number;
}

export function AdmissionLine({ appliance, nowMs }: AdmissionProps): ReactElement {
  const { admission, report } = appliance;
  const say = useWords(networkWords);
  const ago = useAgo();
  const check = report?.check;
  const when = check === undefined ? "" : `, ${ago(check.atMs, nowMs)}`;
  const failures = check?.failures ?? [];
  return (
    <div className={`admission ${admission.verdict}`}>
      <p className={admission.verdict === "failed" ? "problem" : "faint"}>
        {say("siteCheck")} {say(admission.verdict)}
        {when}:{" "}
        <span lang="en" dir="auto">
          {admission.because}
        </span>
        {admission.verdict !== "passed" && !admission.isRequired && ` ${say("notRequired")}`}
      </p>
      {failures.length > 0 && (
        <details>
          <summary>{say("howToMend", { n: failures.length })}</summary>
          <dl className="failures">
            {failures.map(({ what, verdict, found, wanted, mend }) => (
              <div key={what}>
                <dt>
                  <bdi lang="en">{what}</bdi>: {verdict !== "does-not-hold" && `${say("cannotTell")} `}
                  <bdi lang="en">{found}</bdi>
                </dt>
                <dd>
                  {say("wanted")}{" "}
                  <span lang="en" dir="auto">
                    {wanted}. {mend}.
                  </span>
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </div>
  );
}
