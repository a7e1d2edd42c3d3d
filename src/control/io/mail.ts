// How mail goes out: to a mail server, or into a folder where an operator, or a test, reads it.
import { randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import type { Values } from "#config/setting.ts";
import { accountFaults } from "#control/faults-account.ts";
import type { Mail } from "#control/ports.ts";
import type { accountSettings } from "#control/settings-account.ts";
import { ownerOnly, writeWhole } from "#io/files.ts";
import { Fault } from "#units/fault.ts";

export interface MailOrder {
  /** Empty: into the folder. */
  readonly smtpUrl: string;
  readonly from: string;
  /** MILLRACE_HOME/mail */
  readonly folder: string;
  /** Files that stay in it. */
  readonly most: number;
}

/** Of a mail server that hangs: one mail must not hold up the others for long. */
const deadlineMs = 20_000;
/** Mails are texts of ours: nothing is read from disk or fetched for them. */
const closed = { disableFileAccess: true, disableUrlAccess: true };

/** @throws Fault mail-setting when the server's address cannot be used */
export function openMail(order: MailOrder): Mail {
  return order.smtpUrl === "" ? folderMail(order) : serverMail(order);
}

/** As the settings say. */
export function mailOf(
  settings: Pick<Values<typeof accountSettings>, "smtpUrl" | "mailFrom" | "mailFiles">,
  folder: string,
): Mail {
  const { smtpUrl, mailFrom: from, mailFiles: most } = settings;
  return openMail({ smtpUrl, from, folder, most });
}

/** Of a control plane that was started without: that something should have been mailed is told to the log. */
export const noMail: Mail = {
  send: async () => {
    throw new Fault(accountFaults.noMail);
  },
};

/** Links in mails open accounts: their owner alone may read the files. */
function folderMail({ from, folder, most }: MailOrder): Mail {
  let count = 0;
  const composer = createTransport({ streamTransport: true, buffer: true, newline: "windows", ...closed });
  return {
    async send(mail) {
      const { message } = await composer.sendMail({ from, ...mail });
      if (!Buffer.isBuffer(message)) throw new Fault(accountFaults.mailFailed, { because: "it is no text" });
      const stamp = new Date().toISOString().replaceAll(/[:.]/g, "-");
      count += 1;
      const name = `${stamp}-${String(count).padStart(6, "0")}-${randomBytes(4).toString("hex")}.eml`;
      await writeWhole(join(folder, name), message, ownerOnly);
      await keepNewest(folder, most);
    },
  };
}

/** By their names, which begin with when they were written. */
async function keepNewest(folder: string, most: number): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".eml")).toSorted();
  for (const name of names.slice(0, -most)) await rm(join(folder, name), { force: true });
}

function serverMail({ from, smtpUrl }: MailOrder): Mail {
  const transport = createTransport({ ...serverOf(smtpUrl), ...closed });
  return {
    async send(mail) {
      try {
        await transport.sendMail({ from, ...mail });
      } catch (error) {
        // The library's error holds the talk with the server: only its sentence goes on.
        const because = error instanceof Error ? error.message : String(error);
        throw new Fault(accountFaults.mailFailed, { because });
      }
    },
  };
}

function serverOf(smtpUrl: string) {
  const url = URL.canParse(smtpUrl) ? new URL(smtpUrl) : undefined;
  if (url === undefined || !["smtp:", "smtps:"].includes(url.protocol) || url.hostname === "") {
    const because = "wanted smtp://host:port or smtps://host:port";
    throw new Fault(accountFaults.mailSetting, { setting: "MILLRACE_SMTP_URL", because });
  }
  const secure = url.protocol === "smtps:";
  const user = decodeURIComponent(url.username);
  const auth = user === "" ? {} : { auth: { user, pass: decodeURIComponent(url.password) } };
  const timeouts = {
    connectionTimeout: deadlineMs,
    greetingTimeout: deadlineMs,
    socketTimeout: deadlineMs,
  };
  // A password is said over TLS or not at all.
  const privacy = { secure, requireTLS: !secure && user !== "" };
  return {
    host: url.hostname,
    port: url.port === "" ? (secure ? 465 : 587) : Number(url.port),
    ...{ ...privacy, ...auth, ...timeouts },
  };
}
