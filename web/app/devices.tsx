// Where the account is signed in, and which of its screens are in use: each can be ended from here.
import type { ReactElement } from "react";
import { Loading, Trouble } from "#web/notice.tsx";
import { useResource } from "#web/use-resource.ts";
import { useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import type { ScreensAnswer } from "#wire/screens.ts";
import { accountWords } from "./account-words.ts";
import {
  deleteDevicesById,
  deleteScreensBySessionId,
  getDevices,
  getScreens,
  postDevicesSignOut,
} from "./client.ts";
import { Part } from "./part.tsx";
import { Refusal } from "./refusal.tsx";
import { useSending } from "./sending.ts";

const everyMs = 10_000;

export function ScreensPart(): ReactElement {
  const say = useWords(accountWords);
  const { value, error, reload } = useResource({ ...getScreens(), everyMs });
  return (
    <Part id="screens" title={say("screens")}>
      {value === undefined && error !== undefined && <Trouble error={error} retry={reload} />}
      {value === undefined && error === undefined && <Loading what={say("fetchingAccount")} />}
      {value !== undefined && <Screens answer={value} onStopped={reload} />}
    </Part>
  );
}

interface ScreensProps {
  readonly answer: ScreensAnswer;
  readonly onStopped: () => void;
}

function Screens({ answer: { held, screens }, onStopped }: ScreensProps): ReactElement {
  const say = useWords(accountWords);
  const { busy, error, send } = useSending();
  return (
    <>
      <p className="soft">
        {held.length === 0 ? say("noScreens") : say("screensOf", { held: held.length, screens })}
      </p>
      <Refusal error={error} />
      <ul className="lines">
        {held.map(({ sessionId, titleName, deviceName, profileName }) => {
          const names = {
            title: titleName === "" ? say("hiddenTitle") : titleName,
            ...{ device: deviceName, profile: profileName },
          };
          return (
            <li key={sessionId}>
              <span dir="auto">{say("screenLine", names)}</span>
              <button
                type="button"
                className="quiet"
                disabled={busy}
                aria-label={say("stopScreen", names)}
                onClick={() => send((signal) => deleteScreensBySessionId(sessionId, signal), onStopped)}
              >
                {say("stop")}
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}

export function DevicesPart(): ReactElement {
  const say = useWords(accountWords);
  const { locale } = useLanguage();
  const { value, error, reload } = useResource(getDevices());
  const { busy, error: refused, send } = useSending();
  if (value === undefined) {
    return (
      <Part id="devices" title={say("devices")}>
        {error === undefined ? (
          <Loading what={say("fetchingAccount")} />
        ) : (
          <Trouble error={error} retry={reload} />
        )}
      </Part>
    );
  }
  return (
    <Part id="devices" title={say("devices")}>
      <ul className="lines">
        {value.devices.map(({ id, name, seenAtMs, current }) => (
          <li key={id}>
            <span dir="auto">
              {name} {current && <b>({say("thisDevice")})</b>}
            </span>
            <span className="faint">
              {say("seen", {
                when: new Date(seenAtMs).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" }),
              })}
            </span>
            {!current && (
              <button
                type="button"
                className="quiet"
                disabled={busy}
                aria-label={say("signOutDevice", { name })}
                onClick={() => send((signal) => deleteDevicesById(id, signal), reload)}
              >
                {say("signOutShort")}
              </button>
            )}
          </li>
        ))}
      </ul>
      <Refusal error={refused} />
      <p className="choices">
        {value.devices.length > 1 && (
          <button
            type="button"
            className="button second"
            disabled={busy}
            onClick={() => send((signal) => postDevicesSignOut({ keepThis: true }, signal), reload)}
          >
            {say("signOutOthers")}
          </button>
        )}
        <button
          type="button"
          className="button second"
          disabled={busy}
          onClick={() =>
            send(
              (signal) => postDevicesSignOut({ keepThis: false }, signal),
              () => location.assign("/"),
            )
          }
        >
          {say("signOutAll")}
        </button>
      </p>
    </Part>
  );
}
