// Opens the database, whichever it is, brings it up to date and hands out the stores.
import { sql } from "kysely";
import { defaultsOf } from "#config/setting.ts";
import { readHistoryUrl } from "#data/history-address.ts";
import type { Stores } from "#data/ports.ts";
import type { HistoryStore } from "#data/ports-history.ts";
import { dataSettings } from "#data/settings.ts";
import { systemClock } from "#io/clock.ts";
import { accountStore } from "./account-store.ts";
import { auditStore } from "./audit-store.ts";
import { writeBackup } from "./backup.ts";
import { billingStore } from "./billing-store.ts";
import { cassandraHistory } from "./cassandra-history.ts";
import { CassandraLink } from "./cassandra-link.ts";
import { catalogStore } from "./catalog-store.ts";
import { contentKeyStore } from "./content-key-store.ts";
import type { Database } from "./database-access.ts";
import { denialStore } from "./denial-store.ts";
import { deviceStore } from "./device-store.ts";
import { drainStore } from "./drain-store.ts";
import { experimentStore } from "./experiment-store.ts";
import type { GroupRules } from "./group-commit.ts";
import { historyElsewhere } from "./history-elsewhere.ts";
import { erasureStore, historyStore } from "./history-store.ts";
import { identityStore } from "./identity-store.ts";
import { jobStore } from "./job-store.ts";
import { keyStore } from "./key-store.ts";
import { leaseStore } from "./lease-store.ts";
import { migrate, stepsOn } from "./migrations.ts";
import { type DatabaseSettings, engineOf, openDatabase, type StoresOrder } from "./open-database.ts";
import { pictureStore } from "./picture-store.ts";
import { planStore } from "./plan-store.ts";
import { playbackStore } from "./playback-store.ts";
import { profileStore } from "./profile-store.ts";
import { qoeStore } from "./qoe-store.ts";
import { registerStore } from "./register-store.ts";
import { searchStore } from "./search-store.ts";
import { invitationStore, slipStore } from "./slip-store.ts";
import { tasteStore } from "./taste-store.ts";
import { tokenStore } from "./token-store.ts";
import { openTrigrams, type Trigrams } from "./trigrams.ts";
import { uploadStore } from "./upload-store.ts";
import { workStore } from "./work-store.ts";

/**
 * The stores, with every migration run.
 *
 * @throws Fault data-folder-*, database-*; the signal's reason when aborted
 */
export async function openStores(order: StoresOrder): Promise<Stores> {
  const settings = order.settings ?? defaultsOf(dataSettings);
  const elsewhere = openHistory(settings, order.onNote);
  const opened = await openDatabase(order);
  try {
    const about = await prepare(opened.database, order);
    const trigrams = await openTrigrams(opened.database);
    if (trigrams.kind === "missing") {
      order.onNote(`search will not mend typing errors: the database has no pg_trgm (${trigrams.because})`);
    }
    return stores({ ...opened, settings, about, trigrams, elsewhere });
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function prepare(database: Database, order: StoresOrder): Promise<Stores["about"]> {
  const engine = await engineOf(database);
  order.signal.throwIfAborted();
  const { run, total } = await migrate(database, systemClock.wallMs(), { steps: stepsOn(engine.engine) });
  order.signal.throwIfAborted();
  const now = run === 0 ? "none to run" : `${run} run now`;
  order.onNote(`${engine.engine} ${engine.version}: ${total} migrations, ${now}`);
  return { ...engine, migrations: total };
}

function stores(parts: {
  readonly database: Database;
  readonly settings: DatabaseSettings;
  readonly about: Stores["about"];
  readonly trigrams: Trigrams;
  readonly retries: () => number;
  readonly close: () => Promise<void>;
  readonly elsewhere: HistoryStore | undefined;
}): Stores {
  const { database, settings, about, trigrams } = parts;
  return {
    ...historyAnd(parts),
    accounts: accountStore(database),
    devices: deviceStore(database),
    profiles: profileStore(database),
    slips: slipStore(database),
    invitations: invitationStore(database),
    register: registerStore(database),
    tokens: tokenStore(database),
    identities: identityStore(database),
    audit: auditStore(database),
    catalog: catalogStore(database),
    works: workStore(database, settings.catalogVersionsKept),
    pictures: pictureStore(database),
    search: searchStore(database, trigrams),
    plans: planStore(database, settings.plansKept),
    erasures: erasureStore(database),
    drains: drainStore(database),
    denials: denialStore(database),
    experiments: experimentStore(database, "experiment"),
    drills: experimentStore(database, "drill"),
    billing: billingStore(database),
    keys: keyStore(database),
    contentKeys: contentKeyStore(database),
    uploads: uploadStore(database),
    jobs: jobStore(database),
    qoe: qoeStore(database, about.engine === "PGlite" ? "store" : "server"),
    about,
    retries: parts.retries,
    backUp: (order) => writeBackup(database, { ...order, engine: `${about.engine} ${about.version}` }),
    ping: async () => {
      await database.use((db) => sql`select 1`.execute(db));
    },
    close: () => Promise.all([parts.elsewhere?.close(), parts.close()]).then(() => undefined),
  };
}

/** Nothing is connected yet. @throws Fault history-url */
function openHistory(
  { historyUrl, historyDeadlineMs, historyPlayMs, historyRequests }: DatabaseSettings,
  onNote: (text: string) => void,
): HistoryStore | undefined {
  if (historyUrl === "") return undefined;
  const address = readHistoryUrl(historyUrl);
  onNote(`bookmarks and viewing history: Cassandra at ${address.shown}`);
  const link = new CassandraLink({
    address,
    deadlineMs: historyDeadlineMs,
    requests: historyRequests,
    onNote,
  });
  return cassandraHistory({ link, playMs: historyPlayMs });
}

/** Where history lies, and the stores that are joined with it. */
function historyAnd(parts: {
  readonly database: Database;
  readonly settings: DatabaseSettings;
  readonly about: Stores["about"];
  readonly elsewhere: HistoryStore | undefined;
}): Pick<Stores, "history" | "playback" | "leases" | "taste"> {
  const { database, settings, about, elsewhere } = parts;
  const here = {
    playback: playbackStore(database),
    leases: leaseStore(database, { rules: groupRules(settings, about.engine === "PGlite") }),
    taste: tasteStore(database),
  };
  return elsewhere === undefined
    ? { ...here, history: historyStore(database) }
    : historyElsewhere({ ...here, history: elsewhere });
}

/**
 * The embedded database has one connection, and works in this thread: whoever has to wait for a next group while answers of the last
 * one are still to be told comes to a group of few, which costs hardly less than one of many. So they are told all at once. A server
 * works on one group while another waits for its disk, and needs its next statement meanwhile.
 */
function groupRules(settings: DatabaseSettings, embedded: boolean): GroupRules {
  return {
    size: settings.leaseGroupSize,
    waitMs: settings.leaseGroupMs,
    queue: settings.leaseQueue,
    queuePerKey: settings.leaseQueuePerAccount,
    lanes: embedded ? 1 : 2,
    toldAtOnce: embedded ? settings.leaseGroupSize : 8,
    deadlineSeconds: settings.databaseDeadlineSeconds,
  };
}
