// A copy of the database at an admin's word.
import type { ReactElement } from "react";
import { useState } from "react";
import { useAct } from "#web/ops/act.ts";
import { Refusal } from "#web/ops/refusal.tsx";
import { postOpsBackup } from "#web/ops/settings-client.ts";
import { Sure } from "#web/ops/sure.tsx";
import { useWords } from "#web/words/say.ts";
import { settingsWords } from "./settings-words.ts";

type Made = Awaited<ReturnType<typeof postOpsBackup>>;

export function Backup(): ReactElement {
  const say = useWords(settingsWords);
  const [made, setMade] = useState<Made>();
  const { busy, error, act } = useAct();
  return (
    <section className="panel" aria-labelledby="backup-heading">
      <header>
        <h2 id="backup-heading">{say("backup")}</h2>
      </header>
      <p className="soft hint">{say("backupHint")}</p>
      <div>
        <Sure
          text={say("backUp")}
          question={say("backUpSure")}
          yes={say("yes")}
          no={say("keep")}
          disabled={busy}
          onSure={() => act(async () => setMade(await postOpsBackup()))}
        />
      </div>
      {made !== undefined && (
        <p role="status">
          {say("backedUp", { rows: made.rows, tables: made.tables })} <code>{made.file}</code>
        </p>
      )}
      <Refusal error={error} />
    </section>
  );
}
