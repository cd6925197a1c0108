import type { FailureCode } from '#contract';
import type { Reading } from './reading.js';

/** DingTalk's two API generations: `api.dingtalk.com/v1.0` and `oapi.dingtalk.com`. */
export type Api = 'v1' | 'oapi';

/** What an endpoint puts on the wire. Members of `body` that are undefined are left out. */
export interface Written {
  /** Values for the `{…}` of the route: allow-listed again and encoded by the transport. */
  readonly path?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** How one of DingTalk's refusals reads to a caller of this endpoint. */
interface RefusalRule {
  readonly failure: FailureCode;
  /** The input that DingTalk objects to, where its code tells. */
  readonly field?: string;
  readonly message?: string;
}

export type Refusals = Readonly<Record<string, RefusalRule>>;

interface EndpointOf<Bearer extends 'app' | 'person' | 'none', Input, Output> {
  /** `department.update`: the word of logs and metrics. */
  readonly name: string;
  readonly api: Api;
  readonly route: `${'GET' | 'POST' | 'PUT' | 'DELETE'} /${string}`;
  /** Whose token the call carries. */
  readonly bearer: Bearer;
  /** DingTalk's name of the permission that the app needs: an operator is told it when it is missing. */
  readonly permission?: string;
  /** A write whose answer is lost may have been made; it is never sent again. */
  readonly effect: 'read' | 'write';
  /** DingTalk's codes that mean something of their own here; all others are in the dialect's table. */
  readonly refusals?: Refusals;
  write(input: Input): Written;
  read(answer: Reading, input: Input): Output;
  /**
   * Of a read that may be remembered: what its answer shows, as `department:5`. A write of any of these makes it forgotten.
   * Without it an answer is used once.
   */
  shows?(output: Output, input: Input): readonly string[];
}

export type AppEndpoint<Input, Output> = EndpointOf<'app', Input, Output>;
export type PersonEndpoint<Input, Output> = EndpointOf<'person', Input, Output>;
type BareEndpoint<Input, Output> = EndpointOf<'none', Input, Output>;
export type Endpoint<Input, Output> =
  AppEndpoint<Input, Output> | PersonEndpoint<Input, Output> | BareEndpoint<Input, Output>;

/** Says one DingTalk call as data; its types follow from `write` and `read`. */
export const endpoint = <Bearer extends 'app' | 'person' | 'none', Input, Output>(
  datum: EndpointOf<Bearer, Input, Output>,
): EndpointOf<Bearer, Input, Output> => datum;
