// Every statement that goes to Cassandra. The newest timestamp of a row wins there, so that each write and each delete carries
// its ord as timestamp: a single one by the clock (microseconds since 1970) would outrank all that come after it. A test
// reads this file for one without. `ks` stands for the keyspace.
//
// A removed bookmark is a row that says so, not a tombstone: tombstones are forgotten after ten days, and a beat may come
// later. Of two writes with one timestamp the larger value wins in each column, and true is larger than false.

/** Made when the first connection is there, in this order. */
export const schema = [
  `create table if not exists ks.bookmark (
     profile text, title text, ord bigint, position_ms bigint, duration_ms bigint, finished boolean, removed boolean,
     primary key ((profile), title))`,
  `create table if not exists ks.history_live (
     profile text, month int, generation bigint, title text, ord bigint, started_ms bigint, seen_ms bigint,
     position_ms bigint, primary key ((profile, month), generation, title))
     with clustering order by (generation desc, title asc)`,
  `create table if not exists ks.history_month (profile text, month int, primary key ((profile), month))`,
  `create table if not exists ks.history_roll (
     profile text, roll text, version int, ord bigint, chunks text, primary key ((profile), roll))`,
  `create table if not exists ks.history_chunk (
     profile text, roll text, chunk int, body blob, primary key ((profile), roll, chunk))`,
] as const;

export const cql = {
  putBookmark: `insert into ks.bookmark (profile, title, ord, position_ms, duration_ms, finished, removed)
    values (?, ?, ?, ?, ?, ?, ?) using timestamp ?`,
  bookmark: `select title, ord, position_ms, duration_ms, finished, removed from ks.bookmark
    where profile = ? and title = ?`,
  bookmarks: `select title, ord, position_ms, duration_ms, finished, removed from ks.bookmark where profile = ?`,
  eraseBookmarks: `delete from ks.bookmark using timestamp ? where profile = ?`,

  putMonth: `insert into ks.history_month (profile, month) values (?, ?) using timestamp ?`,
  months: `select month from ks.history_month where profile = ?`,
  eraseMonths: `delete from ks.history_month using timestamp ? where profile = ?`,

  putLive: `insert into ks.history_live (profile, month, generation, title, ord, started_ms, seen_ms, position_ms)
    values (?, ?, ?, ?, ?, ?, ?, ?) using timestamp ?`,
  live: `select generation, title, ord, started_ms, seen_ms, position_ms from ks.history_live
    where profile = ? and month = ?`,
  deleteLive: `delete from ks.history_live using timestamp ?
    where profile = ? and month = ? and generation = ? and title = ?`,
  eraseLive: `delete from ks.history_live using timestamp ? where profile = ? and month = ?`,

  putChunk: `insert into ks.history_chunk (profile, roll, chunk, body) values (?, ?, ?, ?) using timestamp ?`,
  chunk: `select body from ks.history_chunk where profile = ? and roll = ? and chunk = ?`,
  eraseChunks: `delete from ks.history_chunk using timestamp ? where profile = ?`,

  putRoll: `insert into ks.history_roll (profile, roll, version, ord, chunks) values (?, ?, ?, ?, ?) using timestamp ?`,
  rolls: `select roll, version, ord, chunks from ks.history_roll where profile = ?`,
  eraseRolls: `delete from ks.history_roll using timestamp ? where profile = ?`,

  ping: `select release_version from system.local`,
} as const;

export type Statement = keyof typeof cql;
