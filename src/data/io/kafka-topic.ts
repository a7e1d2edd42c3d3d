// A topic of Millrace: found, or made so that it keeps what it acknowledged.
import { setTimeout as rest } from "node:timers/promises";
import { type Admin, findErrorBy } from "@platformatic/kafka";

export interface MadeTopic {
  readonly name: string;
  /** When it is made; one that is there keeps its own. */
  readonly partitions: number;
  readonly retentionHours: number;
}

export interface TopicFacts {
  /** Its own, and never another topic's, whatever their names and clusters. */
  readonly id: string;
  readonly partitions: number;
}

/** Three copies outlive one machine; a second one must have a record before it is acknowledged. */
const mostReplicas = 3;
/** A record and its batch: the longest record of the event log is 1 MiB. */
const maxBatchBytes = 2 << 20;
const pollMs = 50;

/** Ends with the deadline of whoever asks. */
export async function topicOf(admin: Admin, made: MadeTopic): Promise<TopicFacts> {
  await makeIfMissing(admin, made);
  for (;;) {
    const { topics } = await admin.metadata({ topics: [made.name], forceUpdate: true });
    const found = topics.get(made.name);
    if (found?.partitions.every(({ leader }) => leader >= 0)) {
      return { id: found.id, partitions: found.partitionsCount };
    }
    await rest(pollMs);
  }
}

async function makeIfMissing(admin: Admin, { name, partitions, retentionHours }: MadeTopic): Promise<void> {
  if ((await admin.listTopics()).includes(name)) return;
  const { brokers } = await admin.metadata({ topics: [] });
  const replicas = Math.min(mostReplicas, brokers.size);
  const rows = {
    "min.insync.replicas": Math.max(1, replicas - 1),
    "max.message.bytes": maxBatchBytes,
    "retention.ms": retentionHours * 3_600_000,
    // One that missed acknowledged records must not lead: it would undo them.
    "unclean.leader.election.enable": false,
  };
  const configs = Object.entries(rows).map(([key, value]) => ({ name: key, value: `${value}` }));
  try {
    await admin.createTopics({ topics: [name], partitions, replicas, configs });
  } catch (error) {
    const isThere = error instanceof Error && findErrorBy(error, "apiId", "TOPIC_ALREADY_EXISTS") !== null;
    if (!isThere) throw error;
  }
}
