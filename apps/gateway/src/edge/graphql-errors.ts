import { type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import { ApolloServerErrorCode, unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { Failure } from '#contract';
import { type Logger, currentRequest, scrub } from '#telemetry';
import { headersOf, noteFailure } from './problem.js';
import { argumentFailure, variableFailure } from './variable-failure.js';

/** A failure as GraphQL tells it. */
export function toGraphQLError(failure: Failure, requestId: string): GraphQLError {
  const { dingtalkCode, dingtalkRequestId, fields, retryAfterS } = failure.details;
  return new GraphQLError(failure.detail, {
    extensions: {
      code: failure.code,
      retryable: failure.row.retryable,
      requestId,
      ...(dingtalkCode && { dingtalkCode }),
      ...(dingtalkRequestId && { dingtalkRequestId }),
      ...(fields && { fields }),
      ...(retryAfterS !== undefined && { retryAfter: retryAfterS }),
    },
  });
}

/** A failure that refuses the whole request, with its HTTP status. */
export function refuseRequest(failure: Failure): GraphQLError {
  noteFailure(failure);
  const error = toGraphQLError(failure, currentRequest()?.requestId ?? '');
  const headers = new HeaderMap(Object.entries(headersOf(failure)));
  const extensions: Record<string, unknown> = { ...error.extensions, http: { status: failure.row.status, headers } };
  return new GraphQLError(error.message, { extensions });
}

const KEPT: ReadonlySet<unknown> = new Set([
  ApolloServerErrorCode.GRAPHQL_PARSE_FAILED,
  ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED,
]);

/** An error about the request itself: it is of no field, and Apollo or graphql-js found it, not an exception. */
const isOfTheRequest = ({ path, extensions }: GraphQLFormattedError, error: unknown): boolean =>
  path === undefined &&
  (extensions?.['code'] !== ApolloServerErrorCode.INTERNAL_SERVER_ERROR ||
    (error instanceof GraphQLError && error.originalError === undefined));

/** Messages of graphql-js quote what they are about, however long it is. */
const MAX_MESSAGE = 300;

const shortened = (error: GraphQLFormattedError): GraphQLFormattedError =>
  error.message.length <= MAX_MESSAGE ? error : { ...error, message: `${error.message.slice(0, MAX_MESSAGE)}…` };

/** Gives Apollo's own errors our words; those that the filter made are left as they are. */
export const formatErrorWith =
  (logger: Logger) =>
  (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const { code, retryable } = formatted.extensions ?? {};
    if (KEPT.has(code)) return withExtensions(shortened(formatted), { code, retryable: false });
    if (retryable !== undefined) return formatted;
    const failure = isOfTheRequest(formatted, error)
      ? (variableFailure(formatted.message) ?? new Failure('BAD_INPUT', shortened(formatted).message))
      : internal(logger, error);
    const { message, extensions } = toGraphQLError(failure, '');
    return withExtensions({ ...formatted, message }, extensions);
  };

function internal(logger: Logger, error: unknown): Failure {
  const thrown = unwrapResolverError(error);
  if (thrown instanceof Failure) return thrown;
  const ofArgument = thrown instanceof GraphQLError ? argumentFailure(thrown.message) : undefined;
  if (ofArgument) return ofArgument;
  logger.event('error', 'failed', { code: 'INTERNAL', stack: scrub(String((thrown as Error)?.stack ?? thrown)) });
  return new Failure('INTERNAL');
}

function withExtensions(error: GraphQLFormattedError, extensions: Record<string, unknown>): GraphQLFormattedError {
  const request = currentRequest();
  if (request) request.failure = String(extensions['code']);
  return { ...error, extensions: { ...extensions, requestId: request?.requestId } };
}

/** Errors that one refused request is answered with; those of fields are as many as the fields. */
export const MAX_ERRORS = 5;

export const boundedErrorsPlugin: ApolloServerPlugin = {
  requestDidStart: async () => ({
    willSendResponse: async ({ response: { body } }) => {
      if (body.kind !== 'single' || body.singleResult.data !== undefined) return;
      body.singleResult.errors = body.singleResult.errors?.slice(0, MAX_ERRORS);
    },
  }),
};
