// Films on their way: each run, the jobs under way with their workers' last sign of life, and what went wrong in its last words.
import type { ReactElement } from "react";
import { formatDuration, formatShare } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsEncodes, OpsJobs } from "#wire/jobs.ts";
import { useAgo } from "./ago.ts";
import { Gauge } from "./bar.tsx";
import {
  getOpsEncodes,
  getOpsJobs,
  postOpsEncodesByIdCancel,
  postOpsEncodesByIdPause,
  postOpsEncodesByIdPriority,
  postOpsEncodesByIdResume,
  postOpsJobsByIdRetry,
} from "./client.ts";
import { Columns } from "./columns.tsx";
import { Deed } from "./deed.tsx";
import { LanesPanel } from "./encode-lanes.tsx";
import { encodeWords } from "./encode-words.ts";
import { Panel } from "./panel.tsx";
import { Wide } from "./wide.tsx";

const everyMs = 3000;
type Run = OpsEncodes["encodes"][number];
type Job = OpsJobs["jobs"][number];

interface OfOperator {
  readonly email: string;
}

/** Where no jobs are given out one sentence says so, and nothing is asked again and again. */
export function EncodeWork({ email }: OfOperator): ReactElement {
  const say = useWords(encodeWords);
  const asked = getOpsEncodes({ limit: "50" });
  const runs = useResource({ ...asked, everyMs });
  if (runs.error?.code === "jobs-off") return <p className="soft">{say("jobsOff")}</p>;
  const isOn = runs.value !== undefined && runs.value.encodes.length > 0;
  return (
    <>
      <Panel id="on-their-way" title={say("work")} path={asked.path} email={email} resource={runs}>
        {({ encodes, atMs }) =>
          encodes.length === 0 ? (
            <p className="soft">{say("noJobs")}</p>
          ) : (
            <Runs runs={encodes} nowMs={atMs} onDone={runs.reload} />
          )
        }
      </Panel>
      {isOn && (
        <>
          <TroublePanel email={email} />
          <UnderWayPanel email={email} />
          <LanesPanel email={email} />
        </>
      )}
    </>
  );
}

interface RunsProps {
  readonly runs: readonly Run[];
  readonly nowMs: number;
  readonly onDone: () => void;
}

function Runs({ runs, nowMs, onDone }: RunsProps): ReactElement {
  const say = useWords(encodeWords);
  const names = ["film", "state", "done", "priority", "ordered", "doing"] as const;
  return (
    <Wide>
      <table>
        <caption className="unseen">{say("work")}</caption>
        <Columns columns={names.map((name) => [say(name), ""])} />
        <tbody>
          {runs.map((run) => (
            <RunRow key={run.runId} run={run} nowMs={nowMs} onDone={onDone} />
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

function RunRow({
  run,
  nowMs,
  onDone,
}: {
  readonly run: Run;
  readonly nowMs: number;
  readonly onDone: () => void;
}): ReactElement {
  const say = useWords(encodeWords);
  const ago = useAgo();
  const { runId, title, jobs } = run;
  const all = Object.values(jobs).reduce((sum, count) => sum + count, 0);
  const counts = say("jobCounts", { done: jobs.done, all });
  const more = (["leased", "dead", "held"] as const).flatMap((state) =>
    jobs[state] === 0 ? [] : [say(`${state}Count`, { count: jobs[state] })],
  );
  const isOpen = !["done", "cancelled"].includes(run.state);
  const pause = run.paused
    ? { label: say("resume"), act: () => postOpsEncodesByIdResume(runId) }
    : { label: say("pause"), act: () => postOpsEncodesByIdPause(runId) };
  return (
    <tr>
      <th scope="row">
        {title} <span className="faint">{run.titleId}</span>
      </th>
      <td>
        <span className={`badge ${run.state}`}>{say(`state_${run.state}`)}</span>
      </td>
      <td>
        <Gauge label={counts} parts={[{ name: "done", value: run.share }]} whole={1} />
        {formatShare(run.share)} <span className="faint">{[counts, ...more].join(" · ")}</span>
      </td>
      <td>{isOpen ? <Priority run={run} onDone={onDone} /> : run.priority}</td>
      <td>{ago(run.createdAtMs, nowMs)}</td>
      <td>
        {isOpen && (
          <span className="deeds">
            <Deed {...pause} about={title} onDone={onDone} />
            <Deed
              label={say("cancel")}
              sure={say("sure")}
              about={title}
              act={() => postOpsEncodesByIdCancel(runId)}
              onDone={onDone}
            />
          </span>
        )}
      </td>
    </tr>
  );
}

const priorities = Array.from({ length: 10 }, (_, priority) => priority);

function Priority({ run, onDone }: { readonly run: Run; readonly onDone: () => void }): ReactElement {
  const say = useWords(encodeWords);
  const set = (priority: number): void => {
    // What was refused is seen: the row is asked anew and has what it had.
    postOpsEncodesByIdPriority(run.runId, { priority }).then(onDone, onDone);
  };
  return (
    <select
      aria-label={say("priorityOf", { title: run.title })}
      value={run.priority}
      onChange={(event) => set(Number(event.target.value))}
    >
      {priorities.map((priority) => (
        <option key={priority}>{priority}</option>
      ))}
    </select>
  );
}

function UnderWayPanel({ email }: OfOperator): ReactElement {
  const say = useWords(encodeWords);
  const asked = getOpsJobs({ state: "leased", limit: "100" });
  const resource = useResource({ ...asked, everyMs });
  const columns = [
    [say("job"), ""],
    [say("worker"), ""],
    [say("done"), ""],
    [say("left"), "number"],
    [say("heard"), ""],
    [say("tries"), "number"],
  ] as const;
  return (
    <Panel id="under-way" title={say("underWay")} path={asked.path} email={email} resource={resource}>
      {({ jobs, atMs }) =>
        jobs.length === 0 ? (
          <p className="soft">{say("nothingUnderWay")}</p>
        ) : (
          <Wide>
            <table>
              <caption className="unseen">{say("underWay")}</caption>
              <Columns columns={columns} />
              <tbody>
                {jobs.map((job) => (
                  <JobRow key={job.id} job={job} nowMs={atMs} />
                ))}
              </tbody>
            </table>
          </Wide>
        )
      }
    </Panel>
  );
}

function JobRow({ job, nowMs }: { readonly job: Job; readonly nowMs: number }): ReactElement {
  const say = useWords(encodeWords);
  return (
    <tr title={job.id}>
      <th scope="row">
        {job.title} <span className="faint">{job.kind}</span>
      </th>
      <td>{job.worker ?? "–"}</td>
      <td>
        <Gauge label={formatShare(job.share)} parts={[{ name: "done", value: job.share }]} whole={1} />
        {formatShare(job.share)}
      </td>
      <td className="number">
        {job.etaSeconds === null ? say("unsaid") : formatDuration(1000 * job.etaSeconds)}
      </td>
      <td>
        <Heard job={job} nowMs={nowMs} />
      </td>
      <td className="number">{job.attempt}</td>
    </tr>
  );
}

/** A worker that has said nothing for half of its lease is shown as silent, with when it is given up. */
function Heard({ job, nowMs }: { readonly job: Job; readonly nowMs: number }): ReactElement {
  const say = useWords(encodeWords);
  const ago = useAgo();
  const { heardAtMs, leaseUntilMs } = job;
  if (heardAtMs === null || leaseUntilMs === null) return <>–</>;
  const silentMs = nowMs - heardAtMs;
  if (silentMs < (leaseUntilMs - heardAtMs) / 2) return <>{ago(heardAtMs, nowMs)}</>;
  const left = leaseUntilMs - nowMs;
  const words =
    left <= 0 ? say("over") : say("silent", { for: formatDuration(silentMs), left: formatDuration(left) });
  return <span className="badge silent">{words}</span>;
}

function TroublePanel({ email }: OfOperator): ReactElement {
  const say = useWords(encodeWords);
  const asked = getOpsJobs({ state: "dead", limit: "100" });
  const resource = useResource({ ...asked, everyMs });
  const columns = [
    [say("job"), ""],
    [say("lastWords"), ""],
    [say("tries"), "number"],
    [say("doing"), ""],
  ] as const;
  return (
    <Panel id="encode-errors" title={say("trouble")} path={asked.path} email={email} resource={resource}>
      {({ jobs }) =>
        jobs.length === 0 ? (
          <p className="soft">{say("noTrouble")}</p>
        ) : (
          <Wide>
            <table>
              <caption className="unseen">{say("trouble")}</caption>
              <Columns columns={columns} />
              <tbody>
                {jobs.map((job) => (
                  <tr key={job.id} title={job.id}>
                    <th scope="row">
                      {job.title} <span className="faint">{job.kind}</span>
                    </th>
                    <td className="soft" lang="en" dir="auto">
                      {job.reason ?? "–"}
                    </td>
                    <td className="number">{job.attempt}</td>
                    <td>
                      <Deed
                        label={say("retry")}
                        about={`${job.title} ${job.kind}`}
                        act={() => postOpsJobsByIdRetry(job.id)}
                        onDone={resource.reload}
                      />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
        )
      }
    </Panel>
  );
}
