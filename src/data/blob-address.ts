// Where the second copy of films lies, read from one address.

export interface S3Address {
  readonly kind: "s3";
  /** "https://HOST:PORT" */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  /** Absent: those of the environment, as the AWS tools find them. */
  readonly login: { readonly key: string; readonly secret: string } | undefined;
  /** Host and bucket: never with a secret. */
  readonly shown: string;
}

export type BlobAddress =
  /** Films lie under MILLRACE_HOME and nowhere else. */
  | { readonly kind: "home" }
  | { readonly kind: "folder"; readonly folder: string; readonly shown: string }
  | S3Address
  | { readonly kind: "refused"; readonly because: string };

const pattern = /^s3:\/\/(?:([^@/]*)@)?([^@/?#]+)\/([^/?#]*)(?:\?([^#]*))?$/;

/** What is refused is never repeated: it may hold a secret. */
export function readBlobsUrl(url: string): BlobAddress {
  if (url === "file:") return { kind: "home" };
  const folder = /^file:\/\/(\/[^?#]+)$/.exec(url)?.[1];
  if (folder !== undefined) return { kind: "folder", folder, shown: folder };
  const parts = pattern.exec(url);
  if (parts === null) return refused("it does not read as one");
  const [, login, host = "", bucket = "", query = ""] = parts;
  if (!/^(?:[\w.-]+|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/.test(host))
    return refused("its host does not read as one");
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    return refused("its bucket is to have 3 to 63 small letters, digits, dots and dashes");
  }
  const given = new URLSearchParams(query);
  const unknown = [...given.keys()].filter((name) => !["region", "tls"].includes(name));
  if (unknown.length > 0) return refused(`it has settings that mean nothing here: ${unknown.join(", ")}`);
  const [region, tls] = [given.get("region") ?? "us-east-1", given.get("tls") ?? "true"];
  if (!/^[\w-]{1,64}$/.test(region)) return refused("its region does not read as one");
  if (tls !== "true" && tls !== "false") return refused("tls is true or false");
  const read = login === undefined ? undefined : loginOf(login);
  if (read === "unread")
    return refused("a key and a secret are to be written key:secret, with % like in any address");
  return {
    ...{ kind: "s3", bucket, region, login: read, shown: `${host}/${bucket}` },
    endpoint: `${tls === "true" ? "https" : "http"}://${host}`,
  };
}

function refused(because: string): BlobAddress {
  return { kind: "refused", because };
}

function loginOf(text: string): S3Address["login"] | "unread" {
  try {
    const [key = "", ...rest] = text.split(":").map(decodeURIComponent);
    const secret = rest.join(":");
    return key === "" || secret === "" ? "unread" : { key, secret };
  } catch {
    return "unread";
  }
}
