// Written by `npm run generate` from the control plane's routes: change those, not this.
import type { z } from "zod";
import { deleteAt, postJson, type Question } from "#web/api.ts";
import { catalogVersions, type rollbackOrder, rolledBack } from "#wire/catalog.ts";
import { keyState, rewrapped, titleKeys } from "#wire/licence.ts";
import { opsShelf, opsShelfTitle } from "#wire/ops-catalog.ts";
import { subtitleTracks } from "#wire/subtitles.ts";
import {
  arrivalBody,
  arrivalList,
  type importOrder,
  masterList,
  publishAnswer,
  type publishOrder,
} from "#wire/upload.ts";

/** Titles and works with their state, newest titles first; q finds a part of a name or an id. */
export function getOpsCatalogTitles(query: {
  readonly q?: string;
  readonly state?: string;
  readonly after?: string;
  readonly limit?: string;
}): Question<z.infer<typeof opsShelf>> {
  return { path: `/v1/ops/catalog/titles?${new URLSearchParams(query)}`, schema: opsShelf };
}

/** A title, or a work by its own id: package, rights, what the catalogue says, and plans that reach it. */
export function getOpsCatalogTitlesById(id: string): Question<z.infer<typeof opsShelfTitle>> {
  return { path: `/v1/ops/catalog/titles/${encodeURIComponent(id)}`, schema: opsShelfTitle };
}

/** Nobody is served this title any more. */
export function postOpsTitlesByIdDeny(id: string, signal?: AbortSignal): Promise<undefined> {
  return postJson(`/v1/ops/titles/${encodeURIComponent(id)}/deny`, {}, undefined, signal);
}

/** This title is served again. */
export function postOpsTitlesByIdAllow(id: string, signal?: AbortSignal): Promise<undefined> {
  return postJson(`/v1/ops/titles/${encodeURIComponent(id)}/allow`, {}, undefined, signal);
}

/** Begin an upload (tus creation). Metadata: filename; name, of the title; sha256, compared at the end. */
export const postUploadsPath = "/v1/uploads";

/** Uploads, newest first. */
export function getUploads(): Question<z.infer<typeof arrivalList>> {
  return { path: "/v1/uploads", schema: arrivalList };
}

/** How an upload stands, and why it was refused. */
export function getUploadsById(id: string): Question<z.infer<typeof arrivalBody>> {
  return { path: `/v1/uploads/${encodeURIComponent(id)}`, schema: arrivalBody };
}

/** Give up an upload, or forget what became of it; the master stays. */
export function deleteUploadsById(id: string, signal?: AbortSignal): Promise<void> {
  return deleteAt(`/v1/uploads/${encodeURIComponent(id)}`, undefined, signal);
}

/** Fetch a film from an address, and check it. */
export function postImports(
  body: z.input<typeof importOrder>,
  signal?: AbortSignal,
): Promise<z.infer<typeof arrivalBody>> {
  return postJson("/v1/imports", body, arrivalBody, signal);
}

/** Imports, newest first. */
export function getImports(): Question<z.infer<typeof arrivalList>> {
  return { path: "/v1/imports", schema: arrivalList };
}

/** Give up an import, or forget what became of it; the master stays. */
export function deleteImportsById(id: string, signal?: AbortSignal): Promise<void> {
  return deleteAt(`/v1/imports/${encodeURIComponent(id)}`, undefined, signal);
}

/** Masters, newest first. */
export function getMasters(): Question<z.infer<typeof masterList>> {
  return { path: "/v1/masters", schema: masterList };
}

/** Delete a master that no title was ordered of: who brought it, or an admin. */
export function deleteMastersById(id: string, signal?: AbortSignal): Promise<void> {
  return deleteAt(`/v1/masters/${encodeURIComponent(id)}`, undefined, signal);
}

/** Order a title to be made of a master. */
export function postMastersByIdPublish(
  id: string,
  body: z.input<typeof publishOrder>,
  signal?: AbortSignal,
): Promise<z.infer<typeof publishAnswer>> {
  return postJson(`/v1/masters/${encodeURIComponent(id)}/publish`, body, publishAnswer, signal);
}

/** Takes over a file of works, all of it or nothing; type text/csv or application/json. */
export function postOpsCatalogImportPath(query: {
  readonly mode?: string;
  readonly dryRun?: string;
}): string {
  return `/v1/ops/catalog/import?${new URLSearchParams(query)}`;
}

/** The catalogue in a form that can be imported again. */
export function getOpsCatalogExportPath(query: { readonly form?: string }): string {
  return `/v1/ops/catalog/export?${new URLSearchParams(query)}`;
}

/** Kept versions of the catalogue, the newest first. */
export function getOpsCatalogVersions(): Question<z.infer<typeof catalogVersions>> {
  return { path: "/v1/ops/catalog/versions", schema: catalogVersions };
}

/** Makes an earlier version the newest again, under a new number. */
export function postOpsCatalogRollback(
  body: z.input<typeof rollbackOrder>,
  signal?: AbortSignal,
): Promise<z.infer<typeof rolledBack>> {
  return postJson("/v1/ops/catalog/rollback", body, rolledBack, signal);
}

/** The work's picture of a kind: JPEG, PNG or WebP, known by its bytes. */
export function putOpsCatalogWorksByIdPicturesByKindPath(id: string, kind: string): string {
  return `/v1/ops/catalog/works/${encodeURIComponent(id)}/pictures/${encodeURIComponent(kind)}`;
}

/** Labels and kids of a title's keys. */
export function getOpsTitlesByIdKeys(id: string): Question<z.infer<typeof titleKeys>> {
  return { path: `/v1/ops/titles/${encodeURIComponent(id)}/keys`, schema: titleKeys };
}

/** Which key encryption keys wrap how many content keys. */
export function getOpsKeys(): Question<z.infer<typeof keyState>> {
  return { path: "/v1/ops/keys", schema: keyState };
}

/** Wraps every content key anew that another key encryption key than the first wraps. */
export function postOpsKeysRewrap(signal?: AbortSignal): Promise<z.infer<typeof rewrapped>> {
  return postJson("/v1/ops/keys/rewrap", {}, rewrapped, signal);
}

/** Subtitles of a published title, in the order of its manifests. */
export function getOpsTitlesByIdSubtitles(id: string): Question<z.infer<typeof subtitleTracks>> {
  return { path: `/v1/ops/titles/${encodeURIComponent(id)}/subtitles`, schema: subtitleTracks };
}

/** Adds a WebVTT file to a published title, or puts it in another's place; media stay as they are. The same again changes nothing. */
export function postOpsTitlesByIdSubtitlesPath(
  id: string,
  query: {
    readonly language: string;
    readonly name?: string;
    readonly forced?: string;
    readonly replaces?: string;
  },
): string {
  return `/v1/ops/titles/${encodeURIComponent(id)}/subtitles?${new URLSearchParams(query)}`;
}

/** Takes a subtitle track away; plays that began before keep it. */
export function deleteOpsTitlesByIdSubtitlesByTrack(
  id: string,
  track: string,
  signal?: AbortSignal,
): Promise<void> {
  return deleteAt(
    `/v1/ops/titles/${encodeURIComponent(id)}/subtitles/${encodeURIComponent(track)}`,
    undefined,
    signal,
  );
}
