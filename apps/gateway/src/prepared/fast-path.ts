import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { Injectable } from '@nestjs/common';
import { GraphQLError } from 'graphql';
import { type AskingRequest, Callers } from '#access';
import { Settings } from '#config';
import { Failure, isPromise, soon } from '#contract';
import { GraphQLContexts } from '../edge/graphql-contexts.js';
import { refuseRequest } from '../edge/graphql-errors.js';
import { type Doors, noteOperation } from '../edge/operations.js';
import { Answering } from './answering.js';
import { Execution } from './execution.js';
import { type Run, Runs } from './runs.js';

type Request = FastifyRequest & AskingRequest;

const defect = (error: unknown): GraphQLError =>
  new GraphQLError('', { originalError: error as Error, extensions: { http: { status: 500 } } });

/**
 * Answers queries that Apollo has parsed and validated before without parsing them anew: with the same schema, the same
 * resolvers, the same guards, limits and failures. Whatever is out of the ordinary goes Apollo's way.
 */
@Injectable()
export class FastPath {
  constructor(
    private readonly settings: Settings,
    private readonly runs: Runs,
    private readonly callers: Callers,
    private readonly contexts: GraphQLContexts,
    private readonly answering: Answering,
  ) {}

  /** Is asked before Apollo is. */
  watch(fastify: FastifyInstance): void {
    if (!this.settings.fastPath) return;
    fastify.addHook('onRoute', (route) => {
      if (route.url === '/graphql') route.preHandler = this.handle;
    });
  }

  private readonly handle = (request: Request, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const run = this.runs.of(request);
    if (!run) return done();
    this.answer(run, request, reply).then((isAnswered) => isAnswered || done(), done);
  };

  /** @returns whether it is answered; whoever shows nothing is told so by Apollo. */
  private async answer(run: Run, request: Request, reply: FastifyReply): Promise<boolean> {
    const { plan, variables, text } = run;
    try {
      const met = this.callers.meet(request);
      if (isPromise(met)) await met;
    } catch (error) {
      this.refuse(error, run, reply);
      return true;
    }
    if (!request.caller) return false;
    try {
      const counted = this.callers.countRest(request, plan.doors.length);
      const confirmed = soon(counted, () => this.callers.confirm(request));
      if (isPromise(confirmed)) await confirmed;
    } catch (error) {
      this.refuse(error, run, reply, plan.doors);
      return true;
    }
    noteOperation(plan.names, plan.operation.operation, this.settings.dingtalk.callsMax);
    const execution = new Execution(this.contexts.create(request, text), variables);
    const data = await execution.run(plan.fields);
    this.answering.send({ errors: execution.errors, data }, { ...run, doors: plan.doors }, reply);
    return true;
  }

  private refuse(error: unknown, run: Run, reply: FastifyReply, doors?: Doors): void {
    const told = error instanceof Failure ? refuseRequest(error) : defect(error);
    this.answering.send({ errors: [told] }, { ...run, doors }, reply);
  }
}
