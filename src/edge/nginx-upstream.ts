// What nginx says to another server in a viewer's name: one plain request, built anew from what the signature covers.

/** The path as it was signed, from the parts that were checked. Nothing in it can be encoded, or end a line. */
export const samePath = "/t/$mr_expires/$mr_session/$mr_kid.$mr_signature/v/$mr_title/$mr_path";

/**
 * No header and no body of the client goes on: with neither, two servers cannot read one request differently, and no
 * header can make an answer that is kept for others another one.
 */
export function nothingOfTheClient(): string[] {
  return [
    "proxy_http_version 1.1;",
    "proxy_pass_request_headers off;",
    "proxy_pass_request_body off;",
    'proxy_set_header Connection "";',
    'proxy_set_header Content-Length "";',
  ];
}
