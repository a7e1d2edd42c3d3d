-- The windows of the stream job (README.md, "The stream job") as Flink SQL, for who has more events than one process works through.
-- Flink 1.20 and later. Submit with sql-client.sh -f, or statement by statement to a SQL gateway.
--
-- It gives the records of kind "window", figure by figure, from the beacons of the log. Sessions, concurrency, CMCD and corrections are
-- the job's alone: here what is later than the watermark allows is dropped by Flink and counted by it as numLateRecordsDropped. A beacon
-- that was overtaken, or the first of a session whose beginning is not known, is not among the events here.

SET 'table.local-time-zone' = 'UTC';
-- A partition that brings nothing for so long holds nobody up.
SET 'table.exec.source.idle-timeout' = '30 s';
-- State of sessions that fell silent is dropped by the WITHIN of the pattern below, not by a time to live.

-- One JSON text each: the beacon as it was logged, with the facts of its session, which whoever fills the topic has joined, and with
-- what its player kept it taken off `receivedMs` (madeAtMs in stream-event.ts).
CREATE TABLE beacons (
  `receivedMs` BIGINT,
  -- For how many it stands; without it, for itself.
  `weight` BIGINT,
  `beacon` ROW<
    `sessionId` STRING,
    `seq` BIGINT,
    `state` STRING,
    `bitrateBps` BIGINT,
    `height` BIGINT,
    `stallCount` BIGINT,
    `stallMs` BIGINT,
    `switchCount` BIGINT,
    `startupMs` BIGINT,
    `applianceId` STRING
  >,
  `facts` ROW<`titleId` STRING, `network` STRING, `device` STRING>,
  `at` AS TO_TIMESTAMP_LTZ(`receivedMs`, 3),
  -- Disorder of 15 s and an allowed lateness of 2 min: windows come once, when they are whole.
  WATERMARK FOR `at` AS `at` - INTERVAL '2:15' MINUTE TO SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'beacons',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.group.id' = 'qoe',
  'scan.startup.mode' = 'group-offsets',
  'properties.auto.offset.reset' = 'earliest',
  'format' = 'json',
  -- A record that is none of ours stops nothing.
  'json.ignore-parse-errors' = 'true'
);

CREATE TABLE windows (
  `kind` STRING,
  `by` STRING,
  `sizeMs` BIGINT,
  `startMs` BIGINT,
  `endMs` BIGINT,
  `appliance` STRING,
  `network` STRING,
  `title` STRING,
  `device` STRING,
  `events` BIGINT,
  `plays` BIGINT,
  `starts` BIGINT,
  `startupMs` BIGINT,
  `startFailures` BIGINT,
  `exits` BIGINT,
  `failures` BIGINT,
  `playMs` BIGINT,
  `stallMs` BIGINT,
  `stalls` BIGINT,
  `switches` BIGINT,
  `playedBits` BIGINT,
  `heightMs` BIGINT,
  `responses` BIGINT,
  `badResponses` BIGINT,
  `startupBuckets` MULTISET<STRING>,
  -- Where there are none it is left out.
  `estimates` BIGINT
) WITH (
  'connector' = 'kafka',
  'topic' = 'windows',
  'properties.bootstrap.servers' = 'localhost:9092',
  'format' = 'json',
  'json.encode.ignore-null-fields' = 'true'
);

-- Before a session's first beacon stands one that says nothing yet, with number 0, so that each beacon has one before it.
CREATE TEMPORARY VIEW said AS
SELECT
  `beacon`.`sessionId` AS `sessionId`,
  `beacon`.`seq` AS `seq`,
  `beacon`.`state` AS `state`,
  `beacon`.`bitrateBps` AS `bitrateBps`,
  `beacon`.`height` AS `height`,
  `beacon`.`stallCount` AS `stallCount`,
  `beacon`.`stallMs` AS `stallMs`,
  `beacon`.`switchCount` AS `switchCount`,
  `beacon`.`startupMs` AS `startupMs`,
  NULLIF(`beacon`.`applianceId`, '') AS `appliance`,
  NULLIF(`facts`.`network`, '') AS `network`,
  NULLIF(`facts`.`titleId`, '') AS `title`,
  NULLIF(`facts`.`device`, '') AS `device`,
  COALESCE(`weight`, 1) AS `weight`,
  `receivedMs`,
  `at`
FROM beacons
WHERE `beacon`.`sessionId` IS NOT NULL
UNION ALL
SELECT `beacon`.`sessionId`, 0, 'start', 0, 0, 0, 0, 0, 0,
  NULLIF(`beacon`.`applianceId`, '') AS `appliance`,
  NULLIF(`facts`.`network`, '') AS `network`,
  NULLIF(`facts`.`titleId`, '') AS `title`,
  NULLIF(`facts`.`device`, '') AS `device`,
  CAST(1 AS BIGINT) AS `weight`,
  `receivedMs`,
  `at`
FROM beacons
WHERE `beacon`.`seq` = 1;

-- From each beacon to the next one with a higher number: what was sent twice, or was overtaken, stands between them and is stepped over.
-- The pattern sorts by time, which needs the watermark and no more.
CREATE TEMPORARY VIEW steps AS
SELECT *
FROM said
MATCH_RECOGNIZE (
  PARTITION BY `sessionId`
  ORDER BY `at`, `seq`
  MEASURES
    MATCH_ROWTIME() AS `at`,
    was.`seq` AS `wasSeq`,
    was.`state` AS `wasState`,
    was.`startupMs` AS `wasStartupMs`,
    was.`bitrateBps` AS `wasBitrateBps`,
    was.`height` AS `wasHeight`,
    nxt.`state` AS `state`,
    nxt.`startupMs` AS `startupMs`,
    nxt.`weight` AS `weight`,
    nxt.`receivedMs` - was.`receivedMs` AS `passedMs`,
    GREATEST(nxt.`stallMs` - was.`stallMs`, 0) AS `stallMs`,
    GREATEST(nxt.`stallCount` - was.`stallCount`, 0) AS `stalls`,
    GREATEST(nxt.`switchCount` - was.`switchCount`, 0) AS `switches`,
    COALESCE(nxt.`appliance`, was.`appliance`, 'unknown') AS `appliance`,
    COALESCE(nxt.`network`, was.`network`, 'unknown') AS `network`,
    COALESCE(nxt.`title`, was.`title`, 'unknown') AS `title`,
    COALESCE(nxt.`device`, was.`device`, 'unknown') AS `device`
  ONE ROW PER MATCH
  AFTER MATCH SKIP TO LAST nxt
  PATTERN (was behind* nxt) WITHIN INTERVAL '1' HOUR
  DEFINE
    behind AS behind.`seq` <= was.`seq`,
    nxt AS nxt.`seq` > was.`seq`
);

-- As difference() of session-fold.ts.
CREATE TEMPORARY VIEW added AS
SELECT
  *,
  IF(`wasState` = 'playing' AND `passedMs` <= 60000, GREATEST(`passedMs` - `stallMs`, 0), 0) AS `playMs`,
  `wasStartupMs` = 0 AND `startupMs` > 0 AS `isStart`,
  `state` = 'failed' AND `wasState` <> 'failed' AS `isFailure`,
  `state` = 'closed' AND `startupMs` = 0 AND `wasState` NOT IN ('failed', 'closed') AS `isExit`,
  -- The name of the bucket, as bucketOf() of sketch.ts: all but the first seven binary digits are zero.
  `startupMs` - MOD(`startupMs`, CAST(POWER(2, GREATEST(CHAR_LENGTH(BIN(`startupMs`)) - 7, 0)) AS BIGINT)) AS `bucket`
FROM steps;

-- Responses are told by CMCD alone.
EXECUTE STATEMENT SET BEGIN

INSERT INTO windows
SELECT
  'window' AS `kind`,
  CASE GROUPING_ID(`appliance`, `network`, `title`, `device`)
    WHEN 0 THEN 'series' WHEN 13 THEN 'title' ELSE 'appliance' END AS `by`,
  CAST(10000 AS BIGINT) AS `sizeMs`,
  1000 * UNIX_TIMESTAMP(CAST(window_start AS STRING)) AS `startMs`,
  1000 * UNIX_TIMESTAMP(CAST(window_end AS STRING)) AS `endMs`,
  COALESCE(`appliance`, 'all') AS `appliance`,
  COALESCE(`network`, 'all') AS `network`,
  COALESCE(`title`, 'all') AS `title`,
  COALESCE(`device`, 'all') AS `device`,
  SUM(`weight`) AS `events`,
  SUM(IF(`wasSeq` = 0, `weight`, 0)) AS `plays`,
  SUM(IF(`isStart`, `weight`, 0)) AS `starts`,
  SUM(IF(`isStart`, `weight` * `startupMs`, 0)) AS `startupMs`,
  SUM(IF(`isFailure` AND `startupMs` = 0, `weight`, 0)) AS `startFailures`,
  SUM(IF(`isExit`, `weight`, 0)) AS `exits`,
  SUM(IF(`isFailure` AND `startupMs` > 0, `weight`, 0)) AS `failures`,
  SUM(`weight` * `playMs`) AS `playMs`,
  SUM(`weight` * `stallMs`) AS `stallMs`,
  SUM(`weight` * `stalls`) AS `stalls`,
  SUM(`weight` * `switches`) AS `switches`,
  SUM(`weight` * (`wasBitrateBps` * `playMs` / 1000)) AS `playedBits`,
  SUM(`weight` * `wasHeight` * `playMs`) AS `heightMs`,
  CAST(0 AS BIGINT) AS `responses`,
  CAST(0 AS BIGINT) AS `badResponses`,
  COLLECT(CAST(`bucket` AS STRING)) FILTER (WHERE `isStart` AND `weight` > 0) AS `startupBuckets`,
  NULLIF(SUM(IF(`weight` <> 1, CAST(1 AS BIGINT), CAST(0 AS BIGINT))), 0) AS `estimates`
FROM TABLE(TUMBLE(TABLE added, DESCRIPTOR(`at`), INTERVAL '10' SECOND))
GROUP BY window_start, window_end,
  GROUPING SETS ((`appliance`, `network`, `title`, `device`), (`title`), (`appliance`));

INSERT INTO windows
SELECT
  'window' AS `kind`,
  CASE GROUPING_ID(`appliance`, `network`, `title`, `device`)
    WHEN 0 THEN 'series' WHEN 13 THEN 'title' ELSE 'appliance' END AS `by`,
  CAST(60000 AS BIGINT) AS `sizeMs`,
  1000 * UNIX_TIMESTAMP(CAST(window_start AS STRING)) AS `startMs`,
  1000 * UNIX_TIMESTAMP(CAST(window_end AS STRING)) AS `endMs`,
  COALESCE(`appliance`, 'all') AS `appliance`,
  COALESCE(`network`, 'all') AS `network`,
  COALESCE(`title`, 'all') AS `title`,
  COALESCE(`device`, 'all') AS `device`,
  SUM(`weight`) AS `events`,
  SUM(IF(`wasSeq` = 0, `weight`, 0)) AS `plays`,
  SUM(IF(`isStart`, `weight`, 0)) AS `starts`,
  SUM(IF(`isStart`, `weight` * `startupMs`, 0)) AS `startupMs`,
  SUM(IF(`isFailure` AND `startupMs` = 0, `weight`, 0)) AS `startFailures`,
  SUM(IF(`isExit`, `weight`, 0)) AS `exits`,
  SUM(IF(`isFailure` AND `startupMs` > 0, `weight`, 0)) AS `failures`,
  SUM(`weight` * `playMs`) AS `playMs`,
  SUM(`weight` * `stallMs`) AS `stallMs`,
  SUM(`weight` * `stalls`) AS `stalls`,
  SUM(`weight` * `switches`) AS `switches`,
  SUM(`weight` * (`wasBitrateBps` * `playMs` / 1000)) AS `playedBits`,
  SUM(`weight` * `wasHeight` * `playMs`) AS `heightMs`,
  CAST(0 AS BIGINT) AS `responses`,
  CAST(0 AS BIGINT) AS `badResponses`,
  COLLECT(CAST(`bucket` AS STRING)) FILTER (WHERE `isStart` AND `weight` > 0) AS `startupBuckets`,
  NULLIF(SUM(IF(`weight` <> 1, CAST(1 AS BIGINT), CAST(0 AS BIGINT))), 0) AS `estimates`
FROM TABLE(TUMBLE(TABLE added, DESCRIPTOR(`at`), INTERVAL '60' SECOND))
GROUP BY window_start, window_end,
  GROUPING SETS ((`appliance`, `network`, `title`, `device`), (`title`), (`appliance`));

END;
