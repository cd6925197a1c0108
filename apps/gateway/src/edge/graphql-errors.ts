import { HeaderMap } from '@apollo/server';
import { ApolloServerErrorCode, unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { Failure } from '#contract';
import { type Logger, currentRequest, scrub } from '#telemetry';
import { headersOf } from './problem.js';

/** A failure as GraphQL tells it. */
export function toGraphQLError(failure: Failure, requestId: string): GraphQLError {
  const { dingtalkCode, dingtalkRequestId, fields } = failure.details;
  return new GraphQLError(failure.detail, {
    extensions: {
      code: failure.code,
      retryable: failure.row.retryable,
      requestId,
      ...(dingtalkCode && { dingtalkCode }),
      ...(dingtalkRequestId && { dingtalkRequestId }),
      ...(fields && { fields }),
    },
  });
}

/** A failure that refuses the whole request, with its HTTP status. */
export function refuseRequest(failure: Failure): GraphQLError {
  const request = currentRequest();
  if (request) request.failure = failure.code;
  const error = toGraphQLError(failure, request?.requestId ?? '');
  const headers = new HeaderMap(Object.entries(headersOf(failure)));
  const extensions: Record<string, unknown> = { ...error.extensions, http: { status: failure.row.status, headers } };
  return new GraphQLError(error.message, { extensions });
}

const KEPT: ReadonlySet<unknown> = new Set([
  ApolloServerErrorCode.GRAPHQL_PARSE_FAILED,
  ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED,
]);

const BAD_REQUESTS: ReadonlySet<unknown> = new Set([
  ApolloServerErrorCode.BAD_REQUEST,
  ApolloServerErrorCode.BAD_USER_INPUT,
  ApolloServerErrorCode.OPERATION_RESOLUTION_FAILURE,
  ApolloServerErrorCode.PERSISTED_QUERY_NOT_FOUND,
  ApolloServerErrorCode.PERSISTED_QUERY_NOT_SUPPORTED,
]);

/** `Variable "$changes" got invalid value {…} at "changes.order"; Int cannot …`: the place and the rule, not the value. */
function variableFailure(message: string): Failure | undefined {
  const variable = /^Variable "\$([A-Za-z0-9_]+)"/.exec(message)?.[1];
  if (!variable) return undefined;
  const place = / at "([A-Za-z0-9_.[\]]+)"; /.exec(message)?.[1] ?? variable;
  const rule = /; (?!.*; )(.*)$/.exec(message)?.[1] ?? 'is required';
  return Failure.badInput(place, withoutValue(rule));
}

/** graphql-js quotes the value that it refuses: `Int cannot represent non-integer value: "…"`. */
const withoutValue = (rule: string): string => rule.replace(/(?:: |value )["{[].*$/, '').replace(/ "[^"]*" /g, ' ');

/** Gives Apollo's own errors our words; those that the filter made are left as they are. */
export const formatErrorWith =
  (logger: Logger) =>
  (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const { code } = formatted.extensions ?? {};
    if (KEPT.has(code)) return withExtensions(formatted, { code, retryable: false });
    if (formatted.extensions?.['retryable'] !== undefined) return formatted;
    const failure = BAD_REQUESTS.has(code)
      ? (variableFailure(formatted.message) ?? new Failure('BAD_INPUT', formatted.message))
      : internal(logger, error);
    const { message, extensions } = toGraphQLError(failure, '');
    return withExtensions({ ...formatted, message }, extensions);
  };

function internal(logger: Logger, error: unknown): Failure {
  const thrown = unwrapResolverError(error);
  if (thrown instanceof Failure) return thrown;
  logger.event('error', 'failed', { code: 'INTERNAL', stack: scrub(String((thrown as Error)?.stack ?? thrown)) });
  return new Failure('INTERNAL');
}

const withExtensions = (error: GraphQLFormattedError, extensions: object): GraphQLFormattedError => ({
  ...error,
  extensions: { ...extensions, requestId: currentRequest()?.requestId },
});
