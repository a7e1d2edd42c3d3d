// The settings of an installed appliance: every one there is, with its sentence; those that keep their default are comments.
import type { Setting } from "#config/setting.ts";
import { type InstallOrder, listenText } from "./install-order.ts";
import { edgeSettings } from "./settings.ts";

/** Per worker. A box that serves nothing else holds more viewers than a demonstration does. */
const connections = 16_384;

export function environmentText(order: InstallOrder): string {
  const chosen: Readonly<Record<string, string>> = {
    [edgeSettings.connections.name]: `${connections}`,
    [edgeSettings.stopGraceMs.name]: `${order.stopGraceSeconds * 1000}`,
    ...(order.tls === undefined
      ? {}
      : {
          [edgeSettings.tlsListen.name]: listenText(order.tls.listen),
          [edgeSettings.tlsCertificate.name]: order.tls.certificate,
          [edgeSettings.tlsKey.name]: order.tls.key,
        }),
  };
  const rows: readonly Setting[] = Object.values(edgeSettings);
  return [
    "# Written by millrace appliance install. Edit it freely, then, without a break for viewers:",
    "# systemctl kill --kill-whom=main -s USR2 millrace-appliance",
    "# No secret stands here: the token has a file of its own.",
    "# TLS is ordered with install's --tls-listen, which also tells firewall and unit of its port.",
    "",
    "# How much the log says: trace, debug, info, warn, error, silent.",
    "MILLRACE_LOG_LEVEL=info",
    ...rows.flatMap((row) => {
      const value = chosen[row.name];
      const line = value === undefined ? `#${row.name}=${row.default}` : `${row.name}=${value}`;
      return ["", `# ${row.sentence}${unitOf(row)}`, line];
    }),
    "",
  ].join("\n");
}

function unitOf(row: Setting): string {
  return row.kind === "number" ? ` (${row.min}…${row.max} ${row.unit})` : "";
}
