import type { ColumnType } from "kysely";

export interface TasteTables {
  /** One row: the model in force. */
  taste_model: {
    name: string;
    version: number;
    made_at_ms: number;
    facts: ColumnType<unknown, string, string>;
  };
  taste_weight: {
    version: number;
    title_id: string;
    weights: ColumnType<readonly { titleId: string; weight: number }[], string, string>;
  };
}
