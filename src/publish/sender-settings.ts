// Who `millrace publish` signs in as. In the environment, because a command line is read by everyone on the machine.
import type { SettingsTable } from "#config/setting.ts";

export const senderSettings = {
  email: {
    kind: "text",
    name: "MILLRACE_EMAIL",
    default: "",
    secret: false,
    sentence:
      "Email of the operator as whom millrace publish signs in; asked for on a terminal when it is not set.",
  },
  password: {
    kind: "text",
    name: "MILLRACE_PASSWORD",
    default: "",
    secret: true,
    sentence: "Password of that operator; asked for on a terminal when it is not set.",
  },
} as const satisfies SettingsTable;
