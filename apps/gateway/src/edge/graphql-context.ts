import type { AskingRequest } from '#access';
import type { Records } from './records.js';

/** What belongs to one GraphQL operation. */
export interface GraphQLContext {
  readonly request: AskingRequest;
  readonly records: Records;
  /** The text of the document; undefined where the request has none. */
  readonly text?: string;
  /** The fields of Query or Mutation that are asked for, each by the name it has in the answer. */
  doors?: readonly (readonly [name: string, field: string])[];
  /** The doors of changes that were asked at, by the names of their answers. */
  readonly reached: Set<string>;
}
