import type { FaultTable } from "#units/fault.ts";

/** What can go wrong on an appliance. */
export const edgeFaults = {
  nginxMissing: {
    code: "nginx-missing",
    status: 500,
    sentence:
      "nginx was not found, so nothing can be served. Install it (apt-get install nginx-light libnginx-mod-http-set-misc), or say where it is with MILLRACE_NGINX.",
  },
  configRefused: {
    code: "nginx-config-refused",
    status: 500,
    sentence: "nginx refused its new configuration, and goes on with the old one: {because}",
  },
  reloadSlow: {
    code: "reload-slow",
    status: 500,
    sentence:
      "nginx was given its new configuration, but {because}: until it has gone, the one before counts there. It is waited for; nothing is to be done, unless the disk is broken.",
  },
  nginxFailed: {
    code: "nginx-failed",
    status: 500,
    sentence: "nginx ended before it served ({status}): {because}",
  },
  folderUnusable: {
    code: "folder-unusable",
    status: 500,
    sentence:
      "{folder} cannot stand in nginx's configuration: a folder's name may not hold a quote, a dollar sign, a backslash or a control character.",
  },
  userUnusable: {
    code: "user-unusable",
    status: 500,
    sentence:
      'MILLRACE_EDGE_USER: wanted a user\'s name (a lower-case letter, then at most 30 of a–z, 0–9, "_" and "-"), found "{user}".',
  },
  listenUnusable: {
    code: "listen-unusable",
    status: 500,
    sentence: 'A listening address was wanted as HOST:PORT, like 127.0.1.11:8181; found "{listen}".',
  },
  tlsIncomplete: {
    code: "tls-incomplete",
    status: 500,
    sentence:
      "TLS takes all of MILLRACE_EDGE_TLS_LISTEN, MILLRACE_EDGE_TLS_CERTIFICATE and MILLRACE_EDGE_TLS_KEY; found only: {given}. Set the others, or none.",
  },
  http3NeedsTls: {
    code: "http3-needs-tls",
    status: 500,
    sentence:
      "HTTP/3 is wanted at {listen} (MILLRACE_EDGE_HTTP3_LISTEN), and there is none without TLS: set MILLRACE_EDGE_TLS_LISTEN, MILLRACE_EDGE_TLS_CERTIFICATE and MILLRACE_EDGE_TLS_KEY as well.",
  },
  certificateUnusable: {
    code: "certificate-unusable",
    status: 500,
    sentence:
      "A certificate and its private key were wanted as PEM files, and no earlier ones are kept: {because}",
  },
  diskInUse: {
    code: "disk-in-use",
    status: 500,
    sentence:
      "{folder} already belongs to a running agent (pid {pid}). Stop that one, or choose another folder with --dir.",
  },
  reportFailed: {
    code: "report-failed",
    status: 500,
    sentence: "The control plane at {url} did not take the report: {because}",
  },
  tokenUnreadable: {
    code: "token-unreadable",
    status: 500,
    sentence: "The appliance's token could not be read from {file}: {because}",
  },
  installRefused: {
    code: "install-refused",
    status: 500,
    sentence: "Nothing was changed.\n{complaints}",
  },
  installNeedsRoot: {
    code: "install-needs-root",
    status: 500,
    sentence:
      "Users, units and files under /etc are root's to change, and this is uid {uid}. Run it as root, or look at what it would do with --dry-run.",
  },
  installConflict: {
    code: "install-conflict",
    status: 500,
    sentence:
      "All else was done, but these were kept as they are: {files}. --force replaces them and keeps the old ones beside them.",
  },
  installStep: {
    code: "install-step",
    status: 500,
    sentence:
      "{step} failed: {because}. What came before it is done and stays; once it is mended, run the same command again.",
  },
  recordUnreadable: {
    code: "install-record-unreadable",
    status: 500,
    sentence:
      "{record} is not what an installation writes ({because}). Move it away; the next installation then takes files that differ from its own as edited by hand.",
  },
  notInstalled: {
    code: "not-installed",
    status: 500,
    sentence: "There is no {record}, so nothing is known to have been installed here.",
  },
} as const satisfies FaultTable;
