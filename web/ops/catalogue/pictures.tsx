// A work's pictures, one of each kind; another one takes its place.
import type { ReactElement } from "react";
import { sendBody } from "#web/api.ts";
import { useAct } from "#web/ops/act.ts";
import { putOpsCatalogWorksByIdPicturesByKindPath } from "#web/ops/catalogue-client.ts";
import { Refusal } from "#web/ops/refusal.tsx";
import { useWords } from "#web/words/say.ts";
import type { OpsShelfTitle } from "#wire/ops-catalog.ts";
import { picture } from "#wire/picture.ts";
import { catalogueWords } from "./catalogue-words.ts";
import { FileChoice } from "./file-choice.tsx";

const kinds = ["poster", "backdrop", "logo", "still"] as const;
const withinMs = 60_000;

interface PicturesProps {
  readonly value: OpsShelfTitle;
  readonly onChange: () => void;
}

export function Pictures({ value, onChange }: PicturesProps): ReactElement {
  const say = useWords(catalogueWords);
  const { busy, error, act } = useAct();
  const { work, pictures } = value;
  if (work === null) return <p className="soft hint">{say("picturesNeedWork")}</p>;
  const send = (kind: string, file: File | undefined): void => {
    if (file === undefined) return;
    const path = putOpsCatalogWorksByIdPicturesByKindPath(work.id, kind);
    const request = { method: "PUT", headers: { "content-type": file.type }, body: file };
    act(async () => {
      await sendBody({ path, schema: picture }, request, { withinMs });
      onChange();
    });
  };
  return (
    <>
      <p className="soft hint">{say("picturesHint")}</p>
      <ul className="pictures">
        {kinds.map((kind) => {
          const found = pictures.find((one) => one.kind === kind);
          return (
            <li key={kind}>
              <h3>{say(`picture.${kind}`)}</h3>
              {found === undefined ? (
                <span className="no-picture faint">{say("noPicture")}</span>
              ) : (
                <img src={found.path} alt={say(`picture.${kind}`)} loading="lazy" />
              )}
              <span className="faint">
                {found === undefined
                  ? "–"
                  : `${found.width}×${found.height} · ${found.type.slice("image/".length)}`}
              </span>
              <FileChoice
                text={say("choosePicture")}
                label={say("sendPicture", { kind: say(`picture.${kind}`) })}
                accept="image/jpeg,image/png,image/webp"
                disabled={busy}
                onFiles={([file]) => send(kind, file)}
              />
            </li>
          );
        })}
      </ul>
      <Refusal error={error} />
    </>
  );
}
