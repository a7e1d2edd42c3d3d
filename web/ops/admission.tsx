// Whether an appliance's site passed its check, and what to mend where it did not.
import type { ReactElement } from "react";
import { formatAgo, formatCount } from "#web/format.ts";
import type { OpsAppliances } from "#wire/ops.ts";

type OpsAppliance = OpsAppliances["appliances"][number];

interface AdmissionProps {
  readonly appliance: Pick<OpsAppliance, "admission" | "report">;
  readonly nowMs: number;
}

export function AdmissionLine({ appliance, nowMs }: AdmissionProps): ReactElement {
  const { admission, report } = appliance;
  const check = report?.check;
  const ago = check === undefined ? "" : `, ${formatAgo(check.atMs, nowMs)}`;
  const failures = check?.failures ?? [];
  return (
    <div className={`admission ${admission.verdict}`}>
      <p className={admission.verdict === "failed" ? "problem" : "faint"}>
        Site check {admission.verdict === "unchecked" ? "missing" : admission.verdict}
        {ago}: {admission.because}
        {admission.verdict !== "passed" && !admission.isRequired && " It is not required here."}
      </p>
      {failures.length > 0 && (
        <details>
          <summary>How to mend {formatCount(failures.length, "requirement", "requirements")}</summary>
          <dl className="failures">
            {failures.map(({ what, verdict, found, wanted, mend }) => (
              <div key={what}>
                <dt>
                  {what}: {verdict === "does-not-hold" ? found : `cannot be told, ${found}`}
                </dt>
                <dd>
                  Wanted: {wanted}. {mend}.
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </div>
  );
}
