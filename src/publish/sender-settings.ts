// Who commands sign in as at a control plane. In the environment, because a command line is read by everyone on the machine.
import type { SettingsTable } from "#config/setting.ts";

export const senderSettings = {
  email: {
    kind: "text",
    name: "MILLRACE_EMAIL",
    default: "",
    secret: false,
    sentence:
      "Whom millrace publish, control token and audit sign in as; empty: the account that this installation made up, and publish asks on a terminal.",
  },
  password: {
    kind: "text",
    name: "MILLRACE_PASSWORD",
    default: "",
    secret: true,
    sentence: "The password; empty: the one that this installation made up, and publish asks on a terminal.",
  },
} as const satisfies SettingsTable;
