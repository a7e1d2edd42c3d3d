// Paths that nginx must refuse: without a right signature, and out of the folder that it serves.
import { k1, k2, signed } from "./edge-rig.ts";

/** Everything that must not open `path` of title t1. */
export function badPaths(how: "hmac-sha256" | "md5-envelope"): Record<string, string> {
  const path = "v360/0.m4s";
  const good = signed(k1, "t1", path, 600, how);
  const parts = good.split("/");
  const change = (index: number, to: string): string =>
    parts.map((part, i) => (i === index ? to : part)).join("/");
  const signature = parts[4] ?? "";
  const flipped = signature.slice(0, 10) + (signature[10] === "A" ? "B" : "A") + signature.slice(11);
  return {
    "no token": `/v/t1/${path}`,
    "no token, root": "/",
    expired: signed(k1, "t1", path, -2, how),
    "later expiry": change(2, `${Number(parts[2]) + 1}`),
    "another session": change(3, "s2"),
    "altered signature": change(4, flipped),
    "cut signature": change(4, signature.slice(0, -1)),
    "no signature": change(4, "k1."),
    "another key's name": change(4, signature.replace("k1.", "k2.")),
    "unknown kid": signed({ ...k1, kid: "k9" }, "t1", path, 600, how),
    "empty secret": signed({ kid: "k9", secret: "" }, "t1", path, 600, how),
    "foreign secret": signed({ kid: "k1", secret: k2.secret }, "t1", path, 600, how),
    "another title's token": signed(k1, "t2", path, 600, how).replace("/v/t2/", "/v/t1/"),
  };
}

export const tricks = [
  "../t2/v360/0.m4s",
  "v360/../../t2/v360/0.m4s",
  "v360/..%2f..%2ft2/v360/0.m4s",
  "%2e%2e/t2/v360/0.m4s",
  "%2e%2e%2ft2%2fv360%2f0.m4s",
  "..%5ct2/v360/0.m4s",
  "..\\t2\\v360\\0.m4s",
  "v360//0.m4s",
  "/v360/0.m4s",
  "./v360/0.m4s",
  "v360/./0.m4s",
  "v360/0.m4s/",
  "v360/0%2em4s",
  "v360/0.m4s%00",
  ".hidden",
  "../../quarantine/bad.m4s",
  "../../incoming/half.part",
  "../../nginx/conf/nginx.conf",
  "../../../../../../etc/passwd",
];

/** "../t2/v360/0.m4s" in every spelling of its dots and slashes that some server takes for them. */
export function encodings(): readonly string[] {
  const dots = [
    ...[
      "..",
      "%2e%2e",
      "%2E.",
      ".%2e",
      "%252e%252e",
      "%25%32%65%25%32%65",
      "%c0%ae%c0%ae",
      "%e0%80%ae%e0%80%ae",
    ],
    ...[
      "%f0%80%80%ae.",
      "\xc0\xae\xc0\xae",
      "%u002e%u002e",
      "%ef%bc%8e%ef%bc%8e",
      "\xef\xbc\x8e.",
      "%e2%80%a5",
      "...",
    ],
    ...[
      "....",
      ".. ",
      "..%20",
      "..%00",
      "..%09",
      "..;",
      "..;a=b",
      "..%3b",
      "..%23",
      "..%3f",
      "%00..",
      "..%0d%0a",
    ],
  ];
  const slashes = [
    "/",
    "%2f",
    "%2F",
    "%252f",
    "%c0%af",
    "%e0%80%af",
    "\\",
    "%5c",
    "%255c",
    "%c1%9c",
    "%ef%bc%8f",
    "//",
    "/./",
  ];
  return dots.flatMap((dot) =>
    slashes.flatMap((slash) => [
      `${dot}${slash}t2/v360/0.m4s`,
      `v360/${dot}${slash}${dot}${slash}t2/v360/0.m4s`,
    ]),
  );
}

/** Behind the signed part of a path, or whole targets with "=" before. */
export function targets(prefix: string): readonly string[] {
  return [...endings, ...beginnings(prefix)];
}

const endings: readonly string[] = [
  ...[
    "v360/0.m4s;x",
    "v360/0.m4s%3b",
    "v360/0.m4s/..",
    "v360/0.m4s/../0.m4s",
    "v360/0.m4s%20",
    "v360/0.m4s%00.html",
  ],
  ...[
    "v360/0.m4s~",
    "V360/0.M4S%",
    "v360/%30.m4s",
    "v360%2f0.m4s",
    "v360/0.m4s#x",
    "#v360/0.m4s",
    "v360/\xc3\xa9.m4s",
  ],
  ...[".git/x.m4s", ".hidden", "v360/.", "v360/..", ".", "..", "", "/", "-x", "v360/-x", "~root", "%7eroot"],
  ...[
    "v360/0.m4s\x7f",
    `${"v/".repeat(600)}0.m4s`,
    `${"../".repeat(300)}etc/passwd`,
    `v360/${"x".repeat(513)}`,
  ],
  ...["%", "%2", "%zz", "v360/0.m4s%", "v360/0.m4s%ff", "%uff0e%uff0e/t2/v360/0.m4s", "v360/0.m4s::$DATA"],
];

function beginnings(prefix: string): readonly string[] {
  return [
    ...[
      "/etc/passwd",
      "/v/t1/v360/0.m4s",
      "/nginx/conf/x.m4s",
      "/@miss",
      "/@whole",
      "/stub",
      "/generation",
    ].map((path) => `=${path}`),
    `=http://edge${prefix}../t2/v360/0.m4s`,
    `=http://edge/..${prefix}v360/0.m4s`,
    `=/x/..${prefix}v360/0.m4s`,
    `=/.${prefix}v360/0.m4s`,
    `=/${prefix}v360/0.m4s`,
    `=${prefix.replace("/t/", "/%74/")}v360/0.m4s`,
    `=${prefix.replace("/v/", "/v/../v/")}v360/0.m4s`,
    `=${prefix.replace("/v/t1/", "/v/t2/../t1/")}v360/0.m4s`,
    `=${prefix.replace("/v/t1/", "/v//t1/")}v360/0.m4s`,
    `=${prefix.replaceAll("/", "\\")}v360/0.m4s`,
    `=${prefix.replaceAll("/", "%2f")}v360/0.m4s`,
  ];
}
