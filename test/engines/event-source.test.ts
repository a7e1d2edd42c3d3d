// Kafka as a source of events: the suite that the event log passes, too.
import { randomBytes } from "node:crypto";
import { setTimeout as rest } from "node:timers/promises";
import { Admin } from "@platformatic/kafka";
import { kafkaSource } from "#data/io/event-sources.ts";
import { KafkaClient } from "#data/io/kafka-client.ts";
import { eventSourceSuite, type SourceRig } from "#test/contract/event-source-suite.ts";
import { engine } from "#test/fixtures/engine.ts";
import { Fault } from "#units/fault.ts";

eventSourceSuite("[DA147] Kafka", async (t) => {
  const kafka = await engine("kafka");
  if ("missing" in kafka) return kafka.missing;
  const name = `t${randomBytes(6).toString("hex")}`;
  const { signal } = new AbortController();
  const rigOf = (): SourceRig => {
    const topic = { name, partitions: 4, retentionHours: 1 };
    const [writer, reader] = [0, 1].map(
      () => new KafkaClient({ brokers: kafka.brokers, topic, deadlineMs: 10_000 }),
    );
    if (writer === undefined || reader === undefined) throw new Error("cannot happen");
    t.after(() => Promise.all([writer.close(), reader.close()]));
    return {
      source: kafkaSource(reader, () => 0),
      async append(values) {
        const messages = values.map((value) => {
          const [key = ""] = Buffer.from(value.subarray(0, 100)).toString().split(":");
          return { partition: Number(/\d/.exec(key)?.[0] ?? 0) % 4, key, value };
        });
        for (let tries = 1; ; tries++) {
          try {
            await writer.append(messages, signal);
            return;
          } catch (error) {
            // A broker that has just come back may not lead yet. The shipper tries again; one message is not written twice by it.
            const isEarly = error instanceof Fault && error.code === "kafka-refused" && messages.length === 1;
            if (!isEarly || tries === 40) throw error;
            await rest(250);
          }
        }
      },
      async restart() {
        await kafka.crash();
        return rigOf();
      },
      async forget() {
        const admin = new Admin({ clientId: "test", bootstrapBrokers: kafka.brokers });
        const partitions = [0, 1, 2, 3].map((partition) => ({
          partition,
          offset: partition === 0 ? 9n : 0n,
        }));
        await admin.deleteRecords({ topics: [{ name, partitions }] });
        await admin.close();
        return true;
      },
    };
  };
  return rigOf();
});
