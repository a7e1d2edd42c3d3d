import type { FaultTable } from "#units/fault.ts";

/** What can go wrong between Millrace and its database, its cache, its blobs or its event log. */
export const dataFaults = {
  folderTaken: {
    code: "data-folder-taken",
    status: 500,
    sentence:
      "{folder} is in use by process {pid}. Two programs cannot share it: stop that process, or give this one another MILLRACE_HOME.",
  },
  folderForeign: {
    code: "data-folder-foreign",
    status: 500,
    sentence:
      "{folder} is not a folder of Millrace: it holds {found}. Nothing in it was changed. Choose another MILLRACE_HOME, or move that away.",
  },
  databaseDamaged: {
    code: "database-damaged",
    status: 500,
    sentence:
      "The embedded database in {folder} does not start ({reason}). Nothing in it was changed. Put a backup in its place, or move the folder away to begin with an empty one.",
  },
  databaseUrl: {
    code: "database-url",
    status: 500,
    sentence:
      "DATABASE_URL is not an address of PostgreSQL: wanted postgresql://user:password@host:5432/name.",
  },
  databaseUnreachable: {
    code: "database-unreachable",
    status: 503,
    sentence:
      "The database at {address} cannot be reached ({reason}). Start it or correct DATABASE_URL; without DATABASE_URL Millrace uses its embedded database.",
  },
  databaseRefused: {
    code: "database-refused",
    status: 503,
    sentence:
      "The database at {address} does not let this program in ({reason}). Check user, password and database name in DATABASE_URL; the user must own the database.",
  },
  databaseNewer: {
    code: "database-newer",
    status: 500,
    sentence:
      "The database was made by a newer Millrace: it has the migration {migration}, which this version does not know. Install that version again.",
  },
  databaseSlow: {
    code: "database-slow",
    status: 503,
    sentence: "The database did not answer within {seconds} s. Try again.",
  },
  databaseBusy: {
    code: "database-busy",
    status: 503,
    sentence: "The database undid a transaction {tries} times for the sake of others. Try again.",
  },
  databaseFailed: {
    code: "database-failed",
    status: 500,
    sentence: "The database failed at a query: {reason} ({sqlState}).",
  },
  planeHeld: {
    code: "plane-held",
    status: 409,
    sentence:
      "Another control plane works on the database at {address}: process {pid} on {host}, since {since}. One at a time may. Stop that one, or wait for its end with millrace control --stand-by. If it is gone already, its hold ends by {until}: start again then.",
  },
  planeHoldLost: {
    code: "plane-hold-lost",
    status: 503,
    sentence:
      "This control plane stopped, since it no longer holds the database at {address}: {because}. Start it again; millrace control --stand-by waits for its turn.",
  },
  planeHoldSettings: {
    code: "plane-hold-settings",
    status: 500,
    sentence:
      "With MILLRACE_PLANE_BEAT_MS={beatMs} one heartbeat that hangs would end a hold of {lifeMs} ms. Set MILLRACE_PLANE_HOLD_MS to {leastMs} or more, or MILLRACE_PLANE_BEAT_MS to less.",
  },
  standByKeys: {
    code: "stand-by-keys",
    status: 409,
    sentence:
      "The control plane on {host} (process {pid}) works with other keys than this stand-by, so everybody would be signed out and appliances refused. Copy its secrets.json into MILLRACE_HOME here, and start again.",
  },
  standByAlone: {
    code: "stand-by-alone",
    status: 400,
    sentence:
      "--stand-by needs a database server that both control planes reach: set DATABASE_URL. The embedded database lets one process in.",
  },
  valueRefused: {
    code: "value-refused",
    status: 400,
    sentence: "The database cannot hold this value: {reason}.",
  },
  backupDamaged: {
    code: "backup-damaged",
    status: 500,
    sentence:
      "{file} is not a whole backup: {found}. Nothing was restored. Take another copy of it, or another backup.",
  },
  nothingToBackUp: {
    code: "nothing-to-back-up",
    status: 404,
    sentence: "There is no database of Millrace at {address}. Check MILLRACE_HOME, or DATABASE_URL.",
  },
  backupExists: {
    code: "backup-exists",
    status: 409,
    sentence: "{file} is there already, and a backup replaces nothing. Choose another name.",
  },
  restoreNotEmpty: {
    code: "restore-not-empty",
    status: 409,
    sentence:
      "The database at {address} is not empty: {found}. Nothing was changed. Restore into an empty one: another MILLRACE_HOME, or a new database in DATABASE_URL.",
  },
  accountUnknown: { code: "account-unknown", status: 404, sentence: "There is no account {accountId}." },
  sessionTaken: {
    code: "session-taken",
    status: 409,
    sentence: "The play session {sessionId} belongs to another account or title.",
  },
  sessionOver: {
    code: "session-over",
    status: 409,
    sentence: "The play session {sessionId} has lost its screen or given it back. Start a new one.",
  },
  screensBusy: {
    code: "screens-busy",
    status: 503,
    sentence: "{waiting} requests for screens of {whose} wait already. Try again.",
  },
  clockUnsteady: {
    code: "clock-unsteady",
    status: 503,
    sentence:
      "The database's clock jumped {tries} times in a row, and nothing is granted by it. Check the time service of its host; try again.",
  },
  cacheUrl: {
    code: "cache-url",
    status: 500,
    sentence:
      'MILLRACE_CACHE_URL is "{found}": {because}. Wanted memory:, or memcached://HOST:PORT with up to 100 servers, separated by commas.',
  },
  cacheAway: {
    code: "cache-away",
    status: 503,
    sentence:
      "The cache at {server} is away ({reason}). Reads go to the store meanwhile. Start memcached there, or correct MILLRACE_CACHE_URL.",
  },
  cacheSlow: {
    code: "cache-slow",
    status: 503,
    sentence: "The cache at {server} did not answer within {ms} ms. Reads go to the store meanwhile.",
  },
  cacheBusy: {
    code: "cache-busy",
    status: 503,
    sentence: "{waiting} calls wait for the cache at {server} already. Reads go to the store meanwhile.",
  },
  cacheClosed: { code: "cache-closed", status: 503, sentence: "The cache is closed." },
  blobKey: {
    code: "blob-key",
    status: 400,
    sentence:
      "{key} is no name for a blob: {because}. Wanted parts separated by single slashes, no . and .., 1024 bytes in all, 254 in a part.",
  },
  blobHash: {
    code: "blob-hash",
    status: 400,
    sentence:
      "{key} was to have the sha256 {wanted}, and what came has {found}. Nothing was kept; send it again.",
  },
  blobFull: {
    code: "blob-full",
    status: 507,
    sentence: "There is no room for {key} ({reason}). Nothing was kept; free disk space, then send it again.",
  },
  blobFailed: {
    code: "blob-failed",
    status: 500,
    sentence: "The store failed at {key}: {reason}. Check the disk and who may write to its folder.",
  },
  blobsUrl: {
    code: "blobs-url",
    status: 500,
    sentence:
      "MILLRACE_BLOBS_URL is no place for films: {because}. Wanted file: (MILLRACE_HOME alone), file:///FOLDER, or s3://KEY:SECRET@HOST:PORT/BUCKET?region=REGION&tls=true.",
  },
  blobAway: {
    code: "blob-away",
    status: 503,
    sentence:
      "The store of films at {address} cannot be asked about {key} ({reason}). Start it, or correct MILLRACE_BLOBS_URL; then try again.",
  },
  blobRefused: {
    code: "blob-refused",
    status: 500,
    sentence: "The store of films at {address} refused {key}: {because}.",
  },
  blobBroken: {
    code: "blob-broken",
    status: 502,
    sentence: "{key} did not come whole between {address} and here: {because}. Try again.",
  },
  historyUrl: {
    code: "history-url",
    status: 500,
    sentence:
      "MILLRACE_HISTORY_URL is not an address of Cassandra: {reason}. Wanted cassandra://host:9042,host2:9042/keyspace?dc=datacenter1.",
  },
  historyAway: {
    code: "history-away",
    status: 503,
    sentence:
      "Viewing history at {address} cannot be asked ({reason}). Films play without a resume point, and what players say waits in the event log. Start Cassandra, or correct MILLRACE_HISTORY_URL.",
  },
  historyBusy: {
    code: "history-busy",
    status: 503,
    sentence: "{waiting} requests wait for viewing history already. Try again.",
  },
  historyDamaged: {
    code: "history-damaged",
    status: 500,
    sentence:
      "Chunk {chunk} of the roll {roll} of a viewing history is not what was written: found {found}. Repair the keyspace, or restore the database from a backup.",
  },
  logFull: {
    code: "log-full",
    status: 503,
    sentence:
      "The event log has no room ({reason}). Players keep their beacons; free disk space or raise {setting}.",
  },
  logBroken: {
    code: "log-broken",
    status: 503,
    sentence:
      "The event log in {folder} takes nothing more since the disk failed ({reason}). Check the disk, then start this program again.",
  },
  logSlow: {
    code: "log-slow",
    status: 503,
    sentence:
      "The disk did not take the record within {seconds} s; it may or may not be kept. Send it again.",
  },
  logClosed: { code: "log-closed", status: 503, sentence: "The event log is closed." },
  logRecordTooLong: {
    code: "log-record-too-long",
    status: 413,
    sentence: "The event log takes {limit} bytes, and {found} were given.",
  },
  logDamaged: {
    code: "log-damaged",
    status: 500,
    sentence:
      "{file} is damaged at byte {position}: record {offset} was acknowledged and cannot be read. Restore the file from a backup, or rename it to end in .given-up to do without its records, then start again.",
  },
  eventsUrl: {
    code: "events-url",
    status: 500,
    sentence:
      "MILLRACE_EVENTS_URL is not an address of Kafka ({because}): wanted kafka://host:9092,host:9092/prefix, or kafka://USER:PASSWORD@host:9093/prefix?tls=true. Empty, events stay in the event log of this machine.",
  },
  eventsCa: {
    code: "events-ca",
    status: 500,
    sentence:
      "{file}, which MILLRACE_EVENTS_CA_FILE names, cannot be read ({reason}). It holds the certificates, as PEM, of whoever signs those of the brokers.",
  },
  kafkaUnreachable: {
    code: "kafka-unreachable",
    status: 503,
    sentence:
      "Kafka at {brokers} cannot be reached ({reason}). Start it, or correct MILLRACE_EVENTS_URL. Beacons are kept in the event log until it answers.",
  },
  kafkaSlow: {
    code: "kafka-slow",
    status: 503,
    sentence:
      "Kafka did not answer within {seconds} s. Look at its brokers, and whether as many replicas are in sync as min.insync.replicas asks for. Beacons are kept in the event log until it does.",
  },
  kafkaRefused: {
    code: "kafka-refused",
    status: 503,
    sentence:
      "Kafka at {brokers} refused something about the topic {topic} ({reason}). Look at the topic and its rights. Beacons are kept in the event log meanwhile.",
  },
  partitionGone: {
    code: "events-partition-gone",
    status: 503,
    sentence:
      "The topic of beacons in Kafka has no partition {partition} any more. Start this program again to read those that it has.",
  },
  kafkaRecordTooLong: {
    code: "kafka-record-too-long",
    status: 413,
    sentence:
      "The topic {topic} of Kafka at {brokers} does not take so long a record ({reason}). Raise its max.message.bytes to 2097152.",
  },
} as const satisfies FaultTable;
