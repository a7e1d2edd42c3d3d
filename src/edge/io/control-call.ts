// The one exchange with the control plane: a report goes there, the state to bring about comes back.
import { edgeFaults } from "#edge/faults.ts";
import { Fault } from "#units/fault.ts";
import type { Milliseconds } from "#units/quantity.ts";
import { type ApplianceReport, type ReportAnswer, reportAnswer } from "#wire/appliance.ts";
import { errorBody } from "#wire/viewer.ts";

export interface ControlCall {
  readonly controlUrl: string;
  readonly applianceId: string;
  readonly token: string;
  readonly deadline: Milliseconds;
  readonly signal: AbortSignal;
}

/** @throws Fault report-failed, whatever the reason; the signal's reason when aborted */
export async function sendReport(call: ControlCall, report: ApplianceReport): Promise<ReportAnswer> {
  const url = `${call.controlUrl.replace(/\/$/, "")}/v1/appliances/${call.applianceId}/report`;
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${call.token}`, "content-type": "application/json" },
      body: JSON.stringify(report),
      signal: AbortSignal.any([call.signal, AbortSignal.timeout(call.deadline)]),
      redirect: "error",
    });
    if (answer.status !== 200) {
      throw new Error(`it answered ${answer.status}${await sentenceOf(answer)}`);
    }
    return reportAnswer.parse(await answer.json());
  } catch (error) {
    call.signal.throwIfAborted();
    throw new Fault(edgeFaults.reportFailed, { url, because: reasonOf(error) }, error);
  }
}

/** What the control plane says about its refusal. */
async function sentenceOf(answer: Response): Promise<string> {
  const body = errorBody.safeParse(await answer.json().catch(() => undefined));
  return body.success ? `: ${body.data.error.message}` : "";
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "it did not answer in time";
  const cause = error.cause instanceof Error ? error.cause.message : "";
  return (cause || error.message).slice(0, 300);
}
