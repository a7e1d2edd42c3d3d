// The other end of live-table.ts: holds the routes, folds batches in, hands compiled tables back without copying them.
import { type MessagePort, parentPort } from "node:worker_threads";
import { after, type CompiledTable, compiled, type EventBatch, type RouteSet } from "#bgp/route-table.ts";

/** What the worker is told; the first message brings the routes that hold already. */
export type TableOrder =
  | { readonly kind: "begin"; readonly routes: RouteSet }
  | { readonly kind: "fold"; readonly batch: EventBatch };

let routes: RouteSet | undefined;

function obey(order: TableOrder, port: MessagePort): void {
  if (order.kind === "begin") {
    routes = order.routes;
    return;
  }
  if (routes === undefined) throw new Error("events came before the routes that they change");
  routes = after(routes, order.batch);
  const table = compiled(routes);
  port.postMessage(table, buffersOf(table));
}

function buffersOf({ v4, v6, chains }: CompiledTable): ArrayBuffer[] {
  const columns = [v4, v6, chains].flatMap((part) => Object.values(part));
  const buffers = columns.flatMap((column: unknown) =>
    ArrayBuffer.isView(column) && column.buffer instanceof ArrayBuffer ? [column.buffer] : [],
  );
  return [...new Set(buffers)];
}

const port = parentPort;
port?.on("message", (order: TableOrder) => obey(order, port));
