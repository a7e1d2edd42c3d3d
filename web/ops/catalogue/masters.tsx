// Masters: films that were checked and are kept as they came. Here a title is ordered of one.
import type { FormEvent, ReactElement } from "react";
import { useState } from "react";
import { formatBytes, formatLength } from "#web/format.ts";
import { useAct } from "#web/ops/act.ts";
import { deleteMastersById, getMasters, postMastersByIdPublish } from "#web/ops/catalogue-client.ts";
import { Columns } from "#web/ops/columns.tsx";
import { More, Panel } from "#web/ops/panel.tsx";
import { Refusal } from "#web/ops/refusal.tsx";
import { Sure } from "#web/ops/sure.tsx";
import { Wide } from "#web/ops/wide.tsx";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { MasterBody } from "#wire/upload.ts";
import { catalogueWords } from "./catalogue-words.ts";

const everyMs = 4000;
const page = 10;
/** As orders have it that say nothing. */
const usualPriority = "4";
const priorities = ["9", "8", "7", "6", "5", "4", "3", "2", "1", "0"];

export function Masters({ email }: { readonly email: string }): ReactElement {
  const say = useWords(catalogueWords);
  const asked = getMasters();
  const resource = useResource({ ...asked, everyMs });
  return (
    <Panel id="masters" title={say("masters")} path={asked.path} email={email} resource={resource}>
      {({ masters }) => <MasterList masters={masters} onChange={resource.reload} />}
    </Panel>
  );
}

interface ListProps {
  readonly masters: readonly MasterBody[];
  readonly onChange: () => void;
}

function MasterList({ masters, onChange }: ListProps): ReactElement {
  const say = useWords(catalogueWords);
  const [limit, setLimit] = useState(page);
  const [open, setOpen] = useState<string>();
  if (masters.length === 0) return <p className="soft hint">{say("noMasters")}</p>;
  return (
    <>
      <Wide>
        <table>
          <caption className="unseen">{say("masters")}</caption>
          <Columns
            columns={[
              [say("film"), ""],
              [say("state"), ""],
              [say("picture"), "number"],
              [say("length"), "number"],
              [say("size"), "number"],
              ["", ""],
            ]}
          />
          <tbody>
            {masters.slice(0, limit).map((master) => (
              <MasterRow
                key={master.id}
                master={master}
                isOpen={open === master.id}
                onOpen={() => setOpen(open === master.id ? undefined : master.id)}
                onChange={onChange}
              />
            ))}
          </tbody>
        </table>
      </Wide>
      <More
        shown={Math.min(limit, masters.length)}
        all={masters.length}
        onMore={() => setLimit(limit + page)}
      />
    </>
  );
}

interface RowProps {
  readonly master: MasterBody;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
  readonly onChange: () => void;
}

function MasterRow({ master, isOpen, onOpen, onChange }: RowProps): ReactElement {
  const say = useWords(catalogueWords);
  const { busy, error, act } = useAct();
  const { id, titleName, fileName, facts, publication } = master;
  const state = publication === undefined ? "uploaded" : "encoding";
  return (
    <>
      <tr>
        <th scope="row" className="names">
          <bdi>{publication?.titleName ?? titleName}</bdi>
          <span className="faint block">
            <bdi>{fileName}</bdi>
          </span>
        </th>
        <td>
          <span className={`badge ${state}`}>{say(`master.${state}`)}</span>
        </td>
        <td className="number">
          {facts.width}×{facts.height}
        </td>
        <td className="number">
          <bdi>{formatLength(facts.durationMs)}</bdi>
        </td>
        <td className="number">
          <bdi>{formatBytes(master.bytes)}</bdi>
        </td>
        <td className="acts">
          <button
            type="button"
            className="quiet"
            aria-expanded={isOpen}
            aria-label={say("publishOf", { name: titleName })}
            onClick={onOpen}
          >
            {say("publish")}
          </button>
          <Sure
            text={say("delete")}
            label={say("deleteOf", { name: titleName })}
            question={say("deleteSure")}
            yes={say("deleteYes")}
            no={say("keep")}
            disabled={busy || publication !== undefined}
            onSure={() =>
              act(async () => {
                await deleteMastersById(id);
                onChange();
              })
            }
          />
        </td>
      </tr>
      {(isOpen || error !== undefined) && (
        <tr className="unruled">
          <td colSpan={6} className="names">
            <Refusal error={error} />
            {isOpen && <Facts master={master} />}
            {isOpen && <PublishForm master={master} onDone={onChange} />}
          </td>
        </tr>
      )}
    </>
  );
}

function Facts({ master: { facts } }: { readonly master: MasterBody }): ReactElement {
  const say = useWords(catalogueWords);
  const { sounds, subtitles, mended, leftOut } = facts;
  return (
    <>
      <p className="soft hint">{say("tracksFound", { sounds, subtitles })}</p>
      {[...mended, ...leftOut].length > 0 && (
        <ul className="notes" lang="en" dir="auto">
          {[...mended, ...leftOut].map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <p className="faint">{say("subtitlesHint")}</p>
    </>
  );
}

function PublishForm({
  master,
  onDone,
}: {
  readonly master: MasterBody;
  readonly onDone: () => void;
}): ReactElement {
  const say = useWords(catalogueWords);
  const [name, setName] = useState(master.titleName);
  const [priority, setPriority] = useState(usualPriority);
  const [encrypt, setEncrypt] = useState(false);
  const [state, setState] = useState<string>();
  const { busy, error, act } = useAct();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    act(async () => {
      const answer = await postMastersByIdPublish(master.id, { name, encrypt, priority: Number(priority) });
      setState(answer.state);
      onDone();
    });
  };
  return (
    <form className="line-form" onSubmit={submit} aria-label={say("publishOf", { name: master.titleName })}>
      <label className="wide-field">
        {say("titleName")}
        <input required dir="auto" value={name} onChange={(event) => setName(event.target.value)} />
      </label>
      <label>
        {say("priority")}
        <select value={priority} onChange={(event) => setPriority(event.target.value)}>
          {priorities.map((one) => (
            <option key={one} value={one}>
              {one === "9"
                ? say("priorityFirst")
                : one === usualPriority
                  ? say("priorityUsual")
                  : one === "0"
                    ? say("priorityLast")
                    : one}
            </option>
          ))}
        </select>
      </label>
      <label className="check">
        <input type="checkbox" checked={encrypt} onChange={(event) => setEncrypt(event.target.checked)} />
        {say("encrypt")}
      </label>
      <button type="submit" disabled={busy}>
        {say("order")}
      </button>
      {state !== undefined && (
        <p role="status" className="soft">
          {say(state === "waiting" ? "orderedWaiting" : "orderedQueued")}
        </p>
      )}
      <Refusal error={error} />
    </form>
  );
}
