// How this installation is set up, who may do what to it, and who did.
import "#web/ops/catalogue/catalogue.css";
import "#web/ops/settings/settings.css";
import type { ReactElement } from "react";
import { useSignedIn } from "#web/app/session.ts";
import { Boundary } from "#web/boundary.tsx";
import { useDocumentTitle } from "#web/notice.tsx";
import { Accounts } from "#web/ops/settings/accounts.tsx";
import { Audit } from "#web/ops/settings/audit.tsx";
import { Backup } from "#web/ops/settings/backup.tsx";
import { DeadLetters } from "#web/ops/settings/dead.tsx";
import { EverySetting } from "#web/ops/settings/every-setting.tsx";
import { settingsWords } from "#web/ops/settings/settings-words.ts";
import { Tokens } from "#web/ops/settings/tokens.tsx";
import { useWords } from "#web/words/say.ts";
import { opsWords } from "./ops-words.ts";
import { PageHead } from "./page-head.tsx";

const forAdmins = [
  ["tokens", Tokens],
  ["accounts", Accounts],
  ["audit", Audit],
  ["backup", Backup],
] as const;

export function SettingsPage(): ReactElement {
  const ops = useWords(opsWords);
  const say = useWords(settingsWords);
  const { me } = useSignedIn();
  useDocumentTitle(ops("settings"));
  return (
    <>
      <PageHead title={ops("settings")} about={say("about")} />
      <Boundary>
        <EverySetting email={me.email} />
      </Boundary>
      {me.role === "admin" ? (
        forAdmins.map(([name, Part]) => (
          <Boundary key={name}>
            <Part email={me.email} />
          </Boundary>
        ))
      ) : (
        <p className="soft">{say("adminsOnly")}</p>
      )}
      <Boundary>
        <DeadLetters email={me.email} />
      </Boundary>
    </>
  );
}
