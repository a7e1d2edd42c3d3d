// Configurations that ours is measured beside, as text.

/** What a hand-tuned nginx is told. */
export interface HandTuned {
  readonly prefixDir: string;
  readonly folder: string;
  /** "127.0.0.1:8181". */
  readonly listen: string;
  /** User of the workers; undefined when nobody may be chosen. */
  readonly user: string | undefined;
  readonly workers: number;
  /** Whether threads wait for the disk: they also do the sending, which costs a hand-over each time. */
  readonly threads: boolean;
  readonly tls:
    | {
        readonly listen: string;
        readonly certificate: string;
        readonly key: string;
        readonly kernel: boolean;
      }
    | undefined;
}

/**
 * An nginx that is as quick as we know how to make one: no checks, no log, no headers of its own. With threads it does not wait for
 * the disk; without, it is quicker where everything is in memory, and stands still where not.
 *
 * Source of the lines: nginx's documentation of each, and measurements of cost per byte; for TLS, few large writes and AES-128-GCM.
 */
export function handTuned(order: HandTuned): string {
  const { prefixDir, tls } = order;
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `  ${name}_temp_path "${prefixDir}/temp-${name}";`,
  );
  return [
    "daemon off;",
    ...(order.user === undefined ? [] : [`user "${order.user}";`]),
    `worker_processes ${order.workers};`,
    "worker_rlimit_nofile 16448;",
    `pid "${prefixDir}/nginx.pid";`,
    `error_log "${prefixDir}/error.log" warn;`,
    "events { worker_connections 8192; }",
    "http {",
    "  access_log off;",
    "  server_tokens off;",
    "  sendfile on;",
    "  sendfile_max_chunk 2m;",
    "  tcp_nopush on;",
    "  tcp_nodelay on;",
    ...(order.threads ? ["  aio threads;"] : []),
    "  output_buffers 2 512k;",
    "  keepalive_timeout 75s;",
    "  keepalive_requests 100000;",
    "  open_file_cache max=16384 inactive=60s;",
    "  open_file_cache_valid 60s;",
    "  types { video/iso.segment m4s; }",
    ...temporary,
    "  server {",
    `    listen ${order.listen} backlog=4096;`,
    ...(tls === undefined ? [] : tlsLines(tls)),
    `    root "${order.folder}";`,
    "  }",
    "}",
    "",
  ].join("\n");
}

function tlsLines(tls: NonNullable<HandTuned["tls"]>): string[] {
  return [
    `    listen ${tls.listen} ssl http2 backlog=4096;`,
    `    ssl_certificate "${tls.certificate}";`,
    `    ssl_certificate_key "${tls.key}";`,
    "    ssl_protocols TLSv1.3;",
    "    ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;",
    "    ssl_buffer_size 64k;",
    "    http2_chunk_size 128k;",
    "    ssl_session_cache shared:hand:10m;",
    ...(tls.kernel ? ["    ssl_conf_command Options KTLS;"] : []),
  ];
}

/** Of our configuration: computing the signature, or having secure_link do so, and comparing it. */
const checks = [
  /^ *if \(\$secure_link != "1"\) \{ return 403; \}\n/m,
  /^ *secure_link "[^"]*";\n/m,
  /^ *secure_link_md5 "[^"]*";\n/m,
];
const checksOfHmac = [
  /^ *set_hmac_sha256 \$mr_mac \$mr_key "[^"]*";\n/m,
  /^ *set_encode_base64url \$mr_mac;\n/m,
  /^ *if \(\$mr_signature != \$mr_mac\) \{ return 403; \}\n/m,
];

/**
 * Our configuration with expiry and signature unchecked, and nothing else changed.
 *
 * @throws Error when a line is not there: then the comparison would be of nothing
 */
export function withoutCheck(config: string): string {
  const gone = config.includes("set_hmac_sha256") ? [...checks, ...checksOfHmac] : checks;
  return gone.reduce((text, line) => {
    if (!line.test(text)) throw new Error(`no line of the configuration is like ${line.source}`);
    return text.replace(line, "");
  }, config);
}
