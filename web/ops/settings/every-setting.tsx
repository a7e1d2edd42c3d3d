// Every setting as this program was started with it, by domain, found by a part of its name or sentence.
import type { ReactElement } from "react";
import { useDeferredValue, useState } from "react";
import { Columns } from "#web/ops/columns.tsx";
import { Panel } from "#web/ops/panel.tsx";
import { getOpsSettings } from "#web/ops/settings-client.ts";
import { Wide } from "#web/ops/wide.tsx";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsSettings } from "#wire/settings.ts";
import { settingsWords } from "./settings-words.ts";

type Group = OpsSettings["groups"][number];
type Setting = Group["settings"][number];

export function EverySetting({ email }: { readonly email: string }): ReactElement {
  const say = useWords(settingsWords);
  const [q, setQ] = useState("");
  const [isChanged, setChanged] = useState(false);
  const wanted = useDeferredValue(q);
  const asked = getOpsSettings();
  const resource = useResource(asked);
  const question = (
    <search className="line-form">
      <label className="wide-field">
        {say("search")}
        <input
          type="search"
          dir="auto"
          value={q}
          placeholder={say("searchHint")}
          onChange={(event) => setQ(event.target.value)}
        />
      </label>
      <label className="check">
        <input type="checkbox" checked={isChanged} onChange={(event) => setChanged(event.target.checked)} />
        {say("onlyChanged")}
      </label>
    </search>
  );
  return (
    <Panel
      id="every-setting"
      title={say("settings")}
      path={asked.path}
      email={email}
      resource={resource}
      question={question}
    >
      {({ groups }) => <Groups groups={groups} wanted={wanted} isChanged={isChanged} />}
    </Panel>
  );
}

interface GroupsProps {
  readonly groups: readonly Group[];
  readonly wanted: string;
  readonly isChanged: boolean;
}

function Groups({ groups, wanted, isChanged }: GroupsProps): ReactElement {
  const say = useWords(settingsWords);
  const all = groups.reduce((sum, { settings }) => sum + settings.length, 0);
  if (all === 0) return <p className="soft">{say("noneTold")}</p>;
  const found = groups
    .map(({ name, settings }) => ({ name, settings: settings.filter((one) => fits(one, wanted, isChanged)) }))
    .filter(({ settings }) => settings.length > 0);
  const shown = found.reduce((sum, { settings }) => sum + settings.length, 0);
  const isOpen = wanted !== "" || isChanged;
  return (
    <>
      <p className="soft hint" role="status">
        {say("countOf", { shown, all })} {say("howToChange")}
      </p>
      {shown === 0 && <p>{say("noneFit")}</p>}
      {found.map(({ name, settings }) => (
        <details key={`${name} ${isOpen}`} className="setting-group" open={isOpen}>
          <summary>
            <b lang="en">{name}</b> <span className="faint">{settings.length}</span>
          </summary>
          <SettingTable name={name} settings={settings} />
        </details>
      ))}
    </>
  );
}

function fits({ name, sentence, value, from, ...row }: Setting, wanted: string, isChanged: boolean): boolean {
  if (isChanged && (from === "default" || (!row.secret && value === row.default))) return false;
  const text = wanted.trim().toLowerCase();
  return name.toLowerCase().includes(text) || sentence.toLowerCase().includes(text);
}

function SettingTable({ name, settings }: Group): ReactElement {
  const say = useWords(settingsWords);
  return (
    <Wide>
      <table>
        <caption className="unseen" lang="en">
          {name}
        </caption>
        <Columns
          columns={[
            [say("name"), ""],
            [say("value"), ""],
            [say("default"), ""],
            [say("range"), ""],
          ]}
        />
        <tbody>
          {settings.map((one) => (
            <tr key={one.name}>
              <th scope="row" className="names">
                <code>{one.name}</code>
                <span className="sentence block" lang="en" dir="auto">
                  {one.sentence}
                </span>
              </th>
              <td>
                <Value setting={one} />{" "}
                {one.from !== "default" && <span className="badge popular">{say(`from.${one.from}`)}</span>}
              </td>
              <td>{shownValue(one.default, say("empty"))}</td>
              <td>{rangeOf(one, say)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

function Value({ setting }: { readonly setting: Setting }): ReactElement {
  const say = useWords(settingsWords);
  const { secret, isSet, value } = setting;
  if (secret || value === null)
    return <span className={`badge ${isSet ? "healthy" : ""}`}>{say(isSet ? "set" : "notSet")}</span>;
  return <b>{shownValue(value, say("empty"))}</b>;
}

function shownValue(value: string | number, empty: string): ReactElement {
  if (value === "") return <span className="faint">{empty}</span>;
  return <code>{value}</code>;
}

type Say = ReturnType<typeof useWords<typeof settingsWords.en>>;

function rangeOf({ kind, min, max, unit, choices, secret }: Setting, say: Say): ReactElement {
  if (kind === "number")
    return (
      <bdi>
        {min} … {max} {unit}
      </bdi>
    );
  if (kind === "choice") return <code>{(choices ?? []).join(", ")}</code>;
  return <span className="faint">{say(secret ? "secret" : "text")}</span>;
}
