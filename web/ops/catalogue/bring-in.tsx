// Films are brought in here: chosen or dropped, sent piece by piece, checked, and listed with what became of them.
import type { DragEvent, ReactElement } from "react";
import { useState } from "react";
import { formatBytes, formatShare, fraction } from "#web/format.ts";
import { useAct } from "#web/ops/act.ts";
import { deleteUploadsById, getUploads } from "#web/ops/catalogue-client.ts";
import { Panel } from "#web/ops/panel.tsx";
import { Refusal } from "#web/ops/refusal.tsx";
import { Sure } from "#web/ops/sure.tsx";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import { Arrivals } from "./arrivals.tsx";
import { catalogueWords } from "./catalogue-words.ts";
import { FileChoice } from "./file-choice.tsx";
import { cancel, goOn, leave, pause, type Sending, upload, useUploads } from "./uploads.ts";

const everyMs = 2000;

export function BringIn({ email }: { readonly email: string }): ReactElement {
  const say = useWords(catalogueWords);
  const asked = getUploads();
  const resource = useResource({ ...asked, everyMs });
  return (
    <Panel
      id="uploads"
      title={say("uploads")}
      path={asked.path}
      email={email}
      resource={resource}
      question={<Chooser />}
    >
      {({ arrivals }, nowMs) => (
        <Arrivals
          arrivals={arrivals}
          nowMs={nowMs}
          caption={say("uploadsKnown")}
          none={say("noUploads")}
          onForget={async (id) => {
            await deleteUploadsById(id);
            resource.reload();
          }}
        />
      )}
    </Panel>
  );
}

function Chooser(): ReactElement {
  const say = useWords(catalogueWords);
  const uploads = useUploads();
  const [isOver, setOver] = useState(false);
  const take = (files: readonly File[]): void => {
    for (const file of files) upload(file);
  };
  const drag = (event: DragEvent, over: boolean): void => {
    event.preventDefault();
    setOver(over);
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button inside does the same by keyboard */}
      <div
        className={isOver ? "drop over" : "drop"}
        onDragOver={(event) => drag(event, true)}
        onDragLeave={(event) => drag(event, false)}
        onDrop={(event) => {
          drag(event, false);
          take([...event.dataTransfer.files]);
        }}
      >
        <span className="drop-words">
          <b>{say("dropHere")}</b>
          <span className="soft">{say("dropHint")}</span>
        </span>
        <FileChoice
          text={say("chooseFilms")}
          label={say("chooseFilm")}
          accept="video/*,.mkv,.mov,.mxf,.ts,.webm"
          isMultiple
          onFiles={take}
        />
      </div>
      {uploads.length > 0 && (
        <ul className="sendings" aria-label={say("sendings")}>
          {uploads.map((one) => (
            <SendingRow key={one.file} sending={one} />
          ))}
        </ul>
      )}
    </>
  );
}

function SendingRow({ sending }: { readonly sending: Sending }): ReactElement {
  const say = useWords(catalogueWords);
  const { file, name, bytes, sentBytes, state, resumedAt, error } = sending;
  const { busy, error: refused, act } = useAct();
  const isOver = state === "sent";
  return (
    <li className="sending">
      <b className="sending-name">{name}</b>
      <span className={`badge ${state}`}>{say(`sending.${state}`)}</span>
      <span className="number soft">
        {formatBytes(sentBytes)} / {formatBytes(bytes)} · {formatShare(fraction(sentBytes, bytes))}
      </span>
      <progress max={bytes} value={sentBytes} aria-label={say("progressOf", { name })} />
      {resumedAt > 0 && !isOver && (
        <span className="faint">{say("resumedAt", { at: formatBytes(resumedAt) })}</span>
      )}
      {state === "sent" && <span className="faint">{say("sentHint")}</span>}
      <span className="sending-acts">
        {(state === "sending" || state === "waiting") && (
          <button
            type="button"
            className="quiet"
            aria-label={say("pauseOf", { name })}
            onClick={() => pause(file)}
          >
            {say("pause")}
          </button>
        )}
        {(state === "paused" || state === "failed") && (
          <button
            type="button"
            className="quiet"
            aria-label={say("goOnOf", { name })}
            onClick={() => goOn(file)}
          >
            {say("goOn")}
          </button>
        )}
        {isOver ? (
          <button
            type="button"
            className="quiet"
            aria-label={say("hideOf", { name })}
            onClick={() => leave(file)}
          >
            {say("hide")}
          </button>
        ) : (
          <Sure
            text={say("cancel")}
            label={say("cancelOf", { name })}
            question={say("cancelSure")}
            yes={say("cancelYes")}
            no={say("keep")}
            disabled={busy}
            onSure={() => act(() => cancel(file))}
          />
        )}
      </span>
      <Refusal error={error} />
      <Refusal error={refused} />
    </li>
  );
}
