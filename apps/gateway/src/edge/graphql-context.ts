import type { AskingRequest } from '#access';
import type { Records } from './records.js';

/** What belongs to one GraphQL operation. */
export interface GraphQLContext {
  readonly request: AskingRequest;
  readonly records: Records;
  /** The text of the document; undefined where the request has none. */
  readonly text?: string;
}
