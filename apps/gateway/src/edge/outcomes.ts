import type { FastifyRequest } from 'fastify';
import type { FailureCode } from '#contract';
import type { RequestContext } from '#telemetry';

const contexts = new WeakMap<FastifyRequest, RequestContext>();
const refusals = new WeakMap<FastifyRequest, FailureCode>();

/** What became of a request, for whoever tells it when it is over: by then nobody is within it any more. */
export const outcomes = {
  within(request: FastifyRequest, context: RequestContext): void {
    contexts.set(request, context);
  },

  /** Many are refused before they have a context. */
  refused(request: FastifyRequest, code: FailureCode): void {
    refusals.set(request, code);
  },

  of(request: FastifyRequest): { readonly context?: RequestContext; readonly failure?: string } {
    const context = contexts.get(request);
    return { context, failure: context?.failure ?? refusals.get(request) };
  },
};
