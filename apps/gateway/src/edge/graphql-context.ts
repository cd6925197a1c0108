import type { AskingRequest } from '#access';
import type { Records } from './records.js';

/** What belongs to one GraphQL operation. */
export interface GraphQLContext {
  readonly request: AskingRequest;
  readonly records: Records;
}
