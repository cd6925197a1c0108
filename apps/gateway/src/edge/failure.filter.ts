import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Failure, type FailureCode } from '#contract';
import { Logger, currentRequest, scrub } from '#telemetry';
import { toGraphQLError } from './graphql-errors.js';
import { RouteTable } from './route-table.js';
import { noteFailure, sendPage, sendProblem } from './problem.js';

const BY_STATUS: Readonly<Record<number, FailureCode>> = {
  400: 'BAD_INPUT',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  413: 'TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

/** The one place where what was thrown becomes what is told, for REST and GraphQL. */
@Catch()
@Injectable()
export class FailureFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly routes: RouteTable,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): unknown {
    const failure = this.toFailure(thrown);
    this.report(failure, thrown);
    if (host.getType<string>() === 'graphql') return toGraphQLError(failure, currentRequest()?.requestId ?? '');
    const http = host.switchToHttp();
    return this.answer(failure, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  private answer(failure: Failure, request: FastifyRequest, reply: FastifyReply): unknown {
    const allowed = request.is404 ? this.routes.methodsOf(request.url) : [];
    if (wantsPage(request)) return sendPage(reply, failure);
    if (allowed.length === 0) return sendProblem(reply, failure);
    const methods = allowed.join(', ');
    const told = new Failure('METHOD_NOT_ALLOWED', `${request.method} is not taken here, but ${methods}.`);
    return sendProblem(reply.header('allow', methods), told);
  }

  private toFailure(thrown: unknown): Failure {
    if (thrown instanceof Failure) return thrown;
    const status = thrown instanceof HttpException ? thrown.getStatus() : statusOf(thrown);
    const code = BY_STATUS[status];
    if (!code) return new Failure('INTERNAL');
    if (code === 'BAD_INPUT') return Failure.badInput('body', 'is not JSON that can be read');
    return new Failure(code, code === 'NOT_FOUND' ? 'There is nothing at this address.' : undefined);
  }

  private report(failure: Failure, thrown: unknown): void {
    noteFailure(failure);
    if (failure.row.blame === 'caller' || isLoggedByClient(failure)) return;
    const stack = failure === thrown ? undefined : scrub(String((thrown as Error | undefined)?.stack ?? thrown));
    const level = failure.row.retryable ? 'warn' : 'error';
    this.logger.event(level, 'failed', { code: failure.code, note: failure.details.note, stack });
  }
}

/** Where a person looks at the answer: on the way back from DingTalk's page, and wherever their browser opened the address. */
function wantsPage({ routeOptions, headers }: FastifyRequest): boolean {
  const { page } = routeOptions.config as { page?: 'always' | 'for browsers' };
  return page === 'always' || (page === 'for browsers' && (headers.accept ?? '').includes('text/html'));
}

/** What DingTalk did is in the log already, by the client that called it; what is refused before any call is not. */
const isLoggedByClient = ({ code, details }: Failure): boolean =>
  code === 'DINGTALK_NOT_PERMITTED'
    ? details.dingtalkCode !== undefined
    : code.startsWith('DINGTALK_') || code === 'OUTCOME_UNKNOWN';

/** Errors of Fastify carry the status that they deserve. */
const statusOf = (thrown: unknown): number => {
  const status = (thrown as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' ? status : 500;
};
