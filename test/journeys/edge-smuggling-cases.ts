// Requests that two servers could read differently, and what a server that reads them one way answers. `a` and `b` are
// signed paths of two films: a `b` that is answered where it stands inside another request is a smuggled one.
//
// Sources: RFC 9112 §§ 2.2, 3.2, 5, 6, 7.1, 11.2; Linhart et al., "HTTP Request Smuggling", 2005; Kettle, "HTTP Desync
// Attacks", 2019.

export interface Case {
  /** Exactly what is sent, one byte a sign. */
  readonly bytes: string;
  /** Of the answers, in their order. */
  readonly statuses: readonly number[];
}

const end = "\r\n\r\n";

function ask(path: string, ...headers: readonly string[]): string {
  return [`GET ${path} HTTP/1.1`, "Host: edge", ...headers].join("\r\n") + end;
}

/** No request at all: the connection ends with it. */
function refused(bytes: string): Case {
  return { bytes, statuses: [400] };
}

/** What is inside is a body, or nothing: the request that follows it is the second. */
function swallowed(bytes: string): Case {
  return { bytes, statuses: [200, 403] };
}

export function lengthCases(a: string, b: string): Record<string, Case> {
  const inner = ask(b);
  const last = ask("/last");
  const length = (...values: readonly string[]): string =>
    ask(a, ...values.map((value) => `Content-Length: ${value}`)) + inner;
  return {
    "length alone": swallowed(ask(a, `Content-Length: ${inner.length}`) + inner + last),
    "no length: what follows is the next request": {
      bytes: ask(a) + inner + last,
      statuses: [200, 200, 403],
    },
    "length 0": { bytes: length("0") + last, statuses: [200, 200, 403] },
    "length twice, differing": refused(length("0", `${inner.length}`)),
    "length twice, alike": refused(length(`${inner.length}`, `${inner.length}`)),
    "length, comma": refused(length(`0, ${inner.length}`)),
    "length, comma, alike": refused(length("0, 0")),
    "length +": refused(length(`+${inner.length}`)),
    "length -": refused(length("-1")),
    "length with a space inside": refused(length("1 0")),
    "length in hexadecimal": refused(length("0x10")),
    "length empty": refused(length("")),
    "length with a letter": refused(length("10a")),
    "length beyond 63 bits": refused(length("9223372036854775808")),
    "length beyond 64 bits, 0 once wrapped": refused(length("18446744073709551616")),
    "length with a vertical tab": refused(length("\x0b0")),
    "length of more than may be sent": { bytes: length("1000000000"), statuses: [413] },
    "length with zeros before": swallowed(ask(a, `Content-Length: 000${inner.length}`) + inner + last),
  };
}

export function chunkCases(a: string, b: string): Record<string, Case> {
  const inner = ask(b);
  const last = ask("/last");
  const te = "Transfer-Encoding: chunked";
  const size = inner.length.toString(16);
  const whole = `${size}\r\n${inner}\r\n0\r\n\r\n`;
  const chunked = (body: string, ...more: readonly string[]): string => ask(a, te, ...more) + body;
  return {
    "CL.TE": refused(chunked(`0\r\n\r\n${inner}`, `Content-Length: ${inner.length + 5}`)),
    "TE.CL": refused(ask(a, "Content-Length: 4", te) + whole),
    "TE.TE, identity behind": refused(chunked(whole, "Transfer-Encoding: identity")),
    "TE.TE, twice chunked": refused(chunked(whole, te)),
    "TE list": { bytes: ask(a, "Transfer-Encoding: chunked, identity") + whole, statuses: [501] },
    "TE gzip, chunked": { bytes: ask(a, "Transfer-Encoding: gzip, chunked") + whole, statuses: [501] },
    "TE xchunked": { bytes: ask(a, "Transfer-Encoding: xchunked") + whole, statuses: [501] },
    "TE with a tab before": { bytes: ask(a, "Transfer-Encoding:\tchunked") + whole, statuses: [501] },
    "TE with a vertical tab": { bytes: ask(a, "Transfer-Encoding: \x0bchunked") + whole, statuses: [501] },
    "TE in quotes": { bytes: ask(a, 'Transfer-Encoding: "chunked"') + whole, statuses: [501] },
    "TE identity": { bytes: ask(a, "Transfer-Encoding: identity") + inner, statuses: [501] },
    "TE empty": { bytes: ask(a, "Transfer-Encoding:") + inner, statuses: [501] },
    "TE in HTTP/1.0": refused(`GET ${a} HTTP/1.0\r\n${te}${end}${whole}`),
    "TE with letters of other case": swallowed(ask(a, "tRANSFER-eNCODING: ChUnKeD") + whole + last),
    "TE with an underscore is no TE": {
      bytes: ask(a, "Transfer_Encoding: chunked") + inner + last,
      statuses: [200, 200, 403],
    },
    "TE with a space before the colon": refused(ask(a, "Transfer-Encoding : chunked") + whole),
    "a chunked body": swallowed(chunked(whole) + last),
    "a chunked body, extension": swallowed(chunked(`${size};a=b\r\n${inner}\r\n0\r\n\r\n`) + last),
    "a chunked body, trailer": swallowed(chunked(`${size}\r\n${inner}\r\n0\r\nX: y\r\n\r\n`) + last),
    "a chunk's size with zeros before": swallowed(chunked(`0000${size}\r\n${inner}\r\n0\r\n\r\n`) + last),
  };
}

/** Bodies that are broken: the first answer may be out before the body is read; what follows is never a request. */
export function brokenChunkCases(a: string, b: string): Record<string, string> {
  const inner = ask(b);
  const chunked = (body: string): string => ask(a, "Transfer-Encoding: chunked") + body;
  return {
    "size of 17 digits, 0 once wrapped": chunked(`10000000000000000\r\n\r\n${inner}`),
    "size beyond 63 bits": chunked(`ffffffffffffffff\r\n${inner}`),
    "size -1": chunked(`-1\r\n${inner}`),
    "size 0x0": chunked(`0x0\r\n\r\n${inner}`),
    "size with +": chunked(`+0\r\n\r\n${inner}`),
    "no size": chunked(`\r\n\r\n${inner}`),
    "size with NUL": chunked(`\x000\r\n\r\n${inner}`),
    "a chunk longer than its size": chunked(`1\r\nab${inner}`),
    "text for a size": chunked(`zz\r\n${inner}`),
  };
}

export function lineCases(a: string, b: string): Record<string, Case> {
  const inner = ask(b);
  const first = `GET ${a} HTTP/1.1\r\nHost: edge\r\n`;
  return {
    "a header that goes on in the next line": refused(`${first}X: y\r\n Content-Length: 5${end}${inner}`),
    "a header that goes on, with a tab": refused(`${first}X: y\r\n\tContent-Length: 5${end}${inner}`),
    "a first header that begins with a space": refused(`GET ${a} HTTP/1.1\r\n Host: edge${end}${inner}`),
    "a space before the colon": refused(`${first}Content-Length : 5${end}${inner}`),
    "NUL in a header's name": refused(`${first}X\x00Y: z${end}${inner}`),
    "NUL in a header's value": refused(`${first}X: y\x00z${end}${inner}`),
    "a bare CR between headers is part of the value": refused(
      `${first}X: y\rContent-Length: 5${end}${inner}`,
    ),
    "no colon: a header that is empty": { bytes: `${first}X${end}${inner}`, statuses: [200, 200] },
    "a length with no colon": refused(`${first}Content-Length${end}${inner}`),
    "an encoding with no colon": { bytes: `${first}Transfer-Encoding${end}${inner}`, statuses: [501] },
    "LF alone ends a line": {
      bytes: `GET ${a} HTTP/1.1\nHost: edge\nContent-Length: 5\n\nhello${ask("/last")}`,
      statuses: [200, 403],
    },
    "empty lines before a request": { bytes: `\r\n\r\n${ask(a)}${ask("/last")}`, statuses: [200, 403] },
    "no name": refused(`${first}: x${end}${inner}`),
    "NUL in the path": refused(`GET ${a}\x00 HTTP/1.1\r\nHost: edge${end}`),
    "a tab in the request line": refused(`GET\t${a}\tHTTP/1.1\r\nHost: edge${end}`),
    "CR in the path": refused(`GET ${a}\r HTTP/1.1\r\nHost: edge${end}`),
    "a space in the path": refused(`GET ${a} x HTTP/1.1\r\nHost: edge${end}`),
    "HTTP/1.1 x": refused(`GET ${a} HTTP/1.1 x\r\nHost: edge${end}`),
    "HTTP/2.0 in text": { bytes: `GET ${a} HTTP/2.0\r\nHost: edge${end}`, statuses: [505] },
    "HTTP/1.10": refused(`GET ${a} HTTP/1.1000\r\nHost: edge${end}`),
    "a method in small letters": refused(`get ${a} HTTP/1.1\r\nHost: edge${end}`),
    "no Host": refused(`GET ${a} HTTP/1.1${end}`),
    "two Hosts": refused(`${first}Host: other${end}${inner}`),
    "a Host with a path": refused(`GET ${a} HTTP/1.1\r\nHost: edge/../x${end}`),
    "a Host with NUL": refused(`GET ${a} HTTP/1.1\r\nHost: ed\x00ge${end}`),
    "a Host of dots": refused(`GET ${a} HTTP/1.1\r\nHost: a..b${end}`),
    "headers of more than 32 KB": {
      bytes: ask(a, ...Array.from({ length: 6 }, (_, i) => `X${i}: ${"y".repeat(8000)}`)),
      statuses: [400],
    },
    "a header of more than 8 KB": { bytes: ask(a, `X: ${"y".repeat(9000)}`), statuses: [400] },
    "a path of more than 8 KB": { bytes: ask(`${a}${"y".repeat(9000)}`), statuses: [414] },
    "the preface of HTTP/2 on the plain port": refused(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`),
    "TLS on the plain port": refused("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
  };
}

/** Taken by some servers as another path, another client, or another protocol. Here they are words. */
export function headerCases(a: string, b: string): Record<string, Case> {
  const last = ask("/last");
  const plain = (...headers: readonly string[]): Case => ({
    bytes: ask(a, ...headers) + last,
    statuses: [200, 403],
  });
  const forbidden = (...headers: readonly string[]): Case => ({
    bytes: ask("/v/t1/v360/0.m4s", ...headers) + last,
    statuses: [403, 403],
  });
  return {
    "X-Original-URL to another film": plain(`X-Original-URL: ${b}`),
    "X-Rewrite-URL to another film": plain(`X-Rewrite-URL: ${b}`),
    "X-Original-URL opens nothing": forbidden(`X-Original-URL: ${a}`),
    "X-Rewrite-URL opens nothing": forbidden(`X-Rewrite-URL: ${a}`),
    "X-Accel-Redirect from a client": forbidden(`X-Accel-Redirect: ${a}`),
    "X-HTTP-Method-Override": plain("X-HTTP-Method-Override: DELETE"),
    "X-Forwarded-For": plain(
      "X-Forwarded-For: 192.0.2.1",
      "X-Real-IP: 192.0.2.1",
      "Forwarded: for=192.0.2.1",
    ),
    "X-Forwarded-For opens nothing": forbidden("X-Forwarded-For: 127.0.0.1", "X-Forwarded-Host: localhost"),
    "our own header for the breaker": plain(`X-Millrace-Breaker: ${"0".repeat(64)}`),
    "Connection names other headers": plain("Connection: keep-alive, Host, Range, X-Millrace-Breaker"),
    "Upgrade to h2c": plain(
      "Connection: Upgrade, HTTP2-Settings",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABk",
    ),
    "Upgrade to a web socket": plain(
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
    ),
    "Expect with no body": plain("Expect: 100-continue"),
    "a Range of a made-up unit": plain("Range: bits=0-1"),
    "the whole address as a target": { bytes: ask(`http://edge${a}`) + last, statuses: [200, 403] },
    "an address as a target that is not the Host's": {
      bytes: `GET http://other.example${a} HTTP/1.1\r\nHost: edge${end}${last}`,
      statuses: [200, 403],
    },
    "another scheme as a target": { bytes: ask(`file://${a}`), statuses: [400] },
    CONNECT: refused(`CONNECT edge:80 HTTP/1.1\r\nHost: edge${end}${ask(b)}`),
    TRACE: { bytes: `TRACE ${a} HTTP/1.1\r\nHost: edge${end}`, statuses: [405] },
    "OPTIONS *": refused(`OPTIONS * HTTP/1.1\r\nHost: edge${end}`),
    POST: {
      bytes: `POST ${a} HTTP/1.1\r\nHost: edge\r\nContent-Length: 3${end}abc${last}`,
      statuses: [405, 403],
    },
    "a target that is a fragment": refused(`GET #${a} HTTP/1.1\r\nHost: edge${end}`),
  };
}

/** Requests that want to be more in the log than they are. */
export function logCases(a: string): Record<string, Case> {
  const forged = '","status":200,"bytes":999999999,"miss":"none","query":"';
  const line =
    '{"time":1700000000.000,"session":"s9","title":"t9","path":"v","method":"GET","status":200,"bytes":9,';
  const one = (status: number, bytes: string): Case => ({ bytes, statuses: [status] });
  const beside = (path: string): string => a.replace("v360/0.m4s", path);
  return {
    "a missed file": one(404, ask(beside("v360/none.m4s"))),
    "a missed file, unsigned": one(403, ask(beside("v360/none.m4s").replace("/s1/", "/s2/"))),
    "quotes in the query": one(200, ask(`${a}?x=${forged}`)),
    "a line in the query, encoded": one(200, ask(`${a}?x=%0A${encodeURIComponent(line)}`)),
    "a line end in the path, encoded": one(403, ask(beside(`v360/%0A${encodeURIComponent(line)}`))),
    "a line in the path": one(403, ask(beside(`v360/${encodeURIComponent(forged)}`))),
    "a line in the range": one(416, ask(a, `Range: bytes=${forged}`)),
    "bytes that are no UTF-8 in the query": one(200, ask(`${a}?x=\xff\xfe\xc0\xaf`)),
    "bytes that are no UTF-8 in the range": one(416, ask(a, "Range: bytes=\xff\xfe")),
    "bytes that are no UTF-8 in the path, encoded": one(403, ask(beside("v360/%FF%C0%AF.m4s"))),
    "bytes that are no UTF-8 in the path": one(403, ask(beside("v360/\xff.m4s"))),
    "bytes that are no UTF-8 in the target": one(403, ask("/\xff\xfe")),
    "a query of 7 KB": one(200, ask(`${a}?${"x".repeat(7000)}`)),
    "a range of 7 KB": one(416, ask(a, `Range: bytes=${"9".repeat(7000)}`)),
    "a path of 7 KB": one(403, ask(beside(`v360/${"x".repeat(7000)}`))),
    "a method of 7 KB": one(405, `${"A".repeat(7000)} ${a} HTTP/1.1\r\nHost: edge${end}`),
    "a session that says fill": one(403, ask(a.replace("/s1/", "/fill-x/"))),
  };
}
