// Certificates for the journeys, and what a viewer sees of TLS.
import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { request } from "node:https";
import { join } from "node:path";
import { connect } from "node:tls";
import { missing } from "./edge-rig.ts";

const haveOpenssl = spawnSync("openssl", ["version"]).status === 0;
export const missingTls =
  missing || (haveOpenssl ? false : "openssl is not installed, which makes the certificates");

export interface Made {
  readonly certificate: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** A self-signed certificate for an hour's work, in two files of the folder. */
export function makeCertificate(
  folder: string,
  name: string,
  algorithm: readonly string[] = ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
  /** "IP:127.0.0.1": needed where the certificate is chosen by name. */
  alternatives: readonly string[] = [],
): Made {
  const [certificate, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const subject = ["-subj", `/CN=${name}`, "-days", "2"];
  if (alternatives.length > 0) subject.push("-addext", `subjectAltName=${alternatives.join(",")}`);
  const files = ["-keyout", key, "-out", certificate];
  openssl("req", "-x509", "-nodes", "-newkey", ...algorithm, ...files, ...subject);
  return { certificate, key, fingerprint: new X509Certificate(readFileSync(certificate)).fingerprint256 };
}

/** The same one, which ended yesterday. */
export function ended(made: Made): Made {
  const certificate = `${made.certificate}.ended`;
  openssl("x509", "-in", made.certificate, "-signkey", made.key, "-days", "-1", "-out", certificate);
  return { ...made, certificate };
}

function openssl(...args: string[]): void {
  const done = spawnSync("openssl", args, { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`openssl: ${done.stderr}`);
}

function hostAndPort(listen: string): { readonly host: string; readonly port: number } {
  const [host = "", port = ""] = listen.split(":");
  return { host, port: Number(port) };
}

export interface Greeted {
  readonly fingerprint: string;
  readonly version: string;
  readonly cipher: string;
  readonly alpn: string;
}

/** One handshake. Rejects when the server will not have it. */
export function greet(
  listen: string,
  newest: "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3" = "TLSv1.3",
  ciphers = "ALL:@SECLEVEL=0",
): Promise<Greeted> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...hostAndPort(listen),
      rejectUnauthorized: false,
      ALPNProtocols: ["h2", "http/1.1"],
      maxVersion: newest,
      minVersion: "TLSv1",
      ciphers,
      timeout: 10_000,
    });
    socket.once("error", reject);
    socket.once("timeout", () => socket.destroy(new Error("no greeting")));
    socket.once("secureConnect", () => {
      resolve({
        fingerprint: socket.getPeerX509Certificate()?.fingerprint256 ?? "",
        version: socket.getProtocol() ?? "",
        cipher: socket.getCipher().name,
        alpn: socket.alpnProtocol || "",
      });
      socket.destroy();
    });
  });
}

export interface Got {
  readonly status: number;
  readonly body: Buffer;
}

/** GET over HTTP/1.1 and TLS. `hold`: it stands still after the first bytes until let go. */
export function getTls(
  listen: string,
  path: string,
  hold?: { readonly begun: () => void; readonly letGo: Promise<void> },
  headers: Record<string, string> = {},
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const order = {
      ...hostAndPort(listen),
      path,
      headers,
      agent: false,
      rejectUnauthorized: false,
      timeout: 60_000,
    };
    const asked = request(order, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => {
        if (chunks.length === 0 && hold !== undefined) {
          answer.pause();
          hold.begun();
          void hold.letGo.then(() => answer.resume());
        }
        chunks.push(chunk);
      });
      answer.on("error", reject);
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer")));
    asked.on("error", reject);
    asked.end();
  });
}

/** GET of several paths over one HTTP/2 connection, at the same time. */
export async function getHttp2(listen: string, paths: readonly string[]): Promise<readonly Got[]> {
  const session = connectHttp2(`https://${listen}`, { rejectUnauthorized: false });
  try {
    return await Promise.all(paths.map((path) => stream(session, path)));
  } finally {
    session.destroy();
  }
}

function stream(session: ClientHttp2Session, path: string): Promise<Got> {
  return new Promise((resolve, reject) => {
    const asked = session.request({ ":path": path });
    const chunks: Buffer[] = [];
    let status = 0;
    session.once("error", reject);
    asked.on("response", (headers) => {
      status = Number(headers[":status"]);
    });
    asked.on("data", (chunk: Buffer) => chunks.push(chunk));
    asked.on("error", reject);
    asked.on("end", () => resolve({ status, body: Buffer.concat(chunks) }));
    asked.end();
  });
}
