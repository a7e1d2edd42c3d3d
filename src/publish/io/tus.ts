// The tus 1.0.0 protocol, spoken by @tus/server over files of @tus/file-store. What is known of an upload stands in our
// own record; where it is stands on the disk, as the file's length, which is why a kill in the middle loses nothing.
import { FileStore } from "@tus/file-store";
import { Server, Upload } from "@tus/server";
import type { Arrival } from "#model/arrival.ts";
import { publishFaults } from "#publish/faults.ts";
import { Fault } from "#units/fault.ts";

export interface TusOrder {
  /** "/v1/uploads". */
  readonly path: string;
  readonly folder: string;
  readonly abandonedMs: number;
  readonly newId: () => string;
  readonly find: (id: string) => Promise<Arrival | undefined>;
  /** Takes up a new upload. @throws Fault when it may not begin */
  readonly begin: (upload: NewUpload) => Promise<void>;
  /** The last byte is on disk. */
  readonly finished: (id: string) => Promise<void>;
}

export interface NewUpload {
  readonly id: string;
  readonly accountId: string;
  readonly bytes: number;
  readonly metadata: Readonly<Record<string, string | null>>;
}

export interface Tus {
  /** @throws Fault for whatever is refused, in the words of an answer */
  handle(request: Request, accountId: string): Promise<Response>;
}

/** Longer metadata is a mistake, or worse: HEAD answers would carry it. */
const mostMetadata = 4096;

export function openTus(order: TusOrder): Tus {
  const accounts = new WeakMap<Request, string>();
  const thrown = new WeakMap<Request, Fault>();
  const server = new Server({
    path: order.path,
    datastore: storeOf(order),
    relativeLocation: true,
    allowedOrigins: [],
    namingFunction: () => order.newId(),
    async onUploadCreate(request, upload) {
      const { size, metadata = {} } = upload;
      if (size === undefined) throw new Fault(publishFaults.lengthUnknown);
      if (size === 0) throw new Fault(publishFaults.empty);
      if (!Number.isSafeInteger(size))
        throw new Fault(publishFaults.words, { what: "it has no such length" });
      const accountId = accounts.get(request) ?? "";
      await order.begin({ id: upload.id, accountId, bytes: size, metadata });
      return {};
    },
    async onUploadFinish(_request, upload) {
      await order.finished(upload.id);
      return {};
    },
    onResponseError(request, error) {
      if (error instanceof Fault) thrown.set(request, error);
      return undefined;
    },
  });
  return {
    async handle(request, accountId) {
      if ((request.headers.get("upload-metadata") ?? "").length > mostMetadata) {
        throw new Fault(publishFaults.words, { what: `its metadata is longer than ${mostMetadata} bytes` });
      }
      accounts.set(request, accountId);
      const response = await server.handleWeb(request);
      const fault = thrown.get(request);
      if (fault !== undefined) throw fault;
      if (response.status >= 400) throw await protocolFault(response);
      return response;
    },
  };
}

/** What this server can do beyond the core. Lengths are said at once, because room is found for the whole file. */
const extensions = ["creation", "creation-with-upload", "termination", "expiration"];

/** Where an upload is comes from the disk; all else from the record, and lives until it is touched no more. */
function storeOf({ folder, abandonedMs, find }: TusOrder): FileStore {
  const uploadOf = async (id: string): Promise<Upload | undefined> => {
    const arrival = await find(id);
    if (arrival === undefined) return undefined;
    const { bytes, fileName, touchedAtMs, state } = arrival;
    const metadata = { filename: fileName };
    const creation_date = new Date(touchedAtMs).toISOString();
    return new Upload({
      id,
      size: bytes,
      offset: state === "receiving" ? 0 : bytes,
      metadata,
      creation_date,
    });
  };
  const store = new FileStore({
    directory: folder,
    expirationPeriodInMilliseconds: abandonedMs,
    configstore: { get: uploadOf, set: async () => undefined, delete: async () => undefined },
  });
  store.extensions = extensions;
  const onDisk = store.getUpload.bind(store);
  store.getUpload = async (id) => {
    const upload = await uploadOf(id);
    // Whole, it may lie under another name already.
    return upload !== undefined && upload.offset === upload.size ? upload : onDisk(id);
  };
  return store;
}

/** "Upload-Offset conflict" becomes one of our answers. Source: tus 1.0.0, core protocol. */
async function protocolFault(response: Response): Promise<Fault> {
  const what = (await response.text()).trim().replace(/\.$/, "") || `status ${response.status}`;
  const row = { code: "upload-protocol", status: response.status, sentence: "tus: {what}." };
  return new Fault(row, { what });
}
