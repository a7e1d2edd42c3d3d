// What accounts keep in memory, and the room that mail goes out of.
import { noAttempts } from "#account/attempts.ts";
import { accountFaults } from "#control/faults-account.ts";
import { KnownViewers } from "#control/known-viewers.ts";
import { Mailroom } from "#control/mailroom.ts";
import type { ControlPorts } from "#control/ports.ts";
import type { AccountDesk } from "#control/sign-up.ts";
import { Fault } from "#units/fault.ts";
import { noMail } from "./mail.ts";
import type { ControlOrder } from "./server.ts";

export function openAccountDesk(ports: ControlPorts): AccountDesk {
  const { settings, stores } = ports;
  const windowMs = settings.signInWindowMinutes * 60_000;
  const remembered = settings.signInAccounts;
  return {
    ports,
    attempts: noAttempts({ failures: settings.signInFailures, windowMs, remembered }),
    pins: { attempts: noAttempts({ failures: settings.pinFailures, windowMs, remembered }) },
    mailed: noAttempts({ failures: settings.mailsPerHour, windowMs: 3_600_000, remembered }),
    viewers: new KnownViewers({
      load: (deviceId, nowMs) => stores.devices.viewer(deviceId, nowMs),
      most: settings.keptViewers,
      lifeMs: settings.accessMinutes * 60_000,
    }),
  };
}

/** @throws Fault mail-setting when links could not lead anywhere */
export function openMailroom({
  settings,
  mail,
  logger,
}: Pick<ControlOrder, "settings" | "mail" | "logger">): Mailroom {
  return new Mailroom({
    mail: mail ?? noMail,
    base: baseOf(settings.publicUrl),
    most: settings.mailQueue,
    onTrouble: (error) => logger.error({ err: error }, "a mail was not sent"),
  });
}

function baseOf(publicUrl: string): string {
  const url = URL.canParse(publicUrl) ? new URL(publicUrl) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    const because = "wanted the pages' address, such as https://films.example.org";
    throw new Fault(accountFaults.mailSetting, { setting: "MILLRACE_PUBLIC_URL", because });
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}
