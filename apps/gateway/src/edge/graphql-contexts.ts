import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { type AskingRequest, Callers, nobody } from '#access';
import { Settings } from '#config';
import { DepartmentService, EmployeeService } from '#contact';
import { Failure, isObject } from '#contract';
import { keyOfGraphQL } from '../trail/idempotency.js';
import { mustBeWithinLimits } from './document-limits.js';
import { orRefuse } from './doors.plugin.js';
import type { GraphQLContext } from './graphql-context.js';
import { refuseRequest } from './graphql-errors.js';
import { Records } from './records.js';
import { type Asked, TrustedDocuments } from './trusted-documents.js';

/** What a POST holds in its body stands in the query of a GET, its extensions as JSON. */
function askedBy({ method, body, query }: FastifyRequest): Asked {
  if (method === 'POST') return isObject(body) ? body : {};
  const { extensions, ...rest } = query as Readonly<Record<string, unknown>>;
  try {
    return { ...rest, extensions: typeof extensions === 'string' ? JSON.parse(extensions) : undefined };
  } catch {
    throw Failure.badInput('extensions', 'is not JSON that can be read');
  }
}

/** Makes what belongs to one GraphQL operation. */
@Injectable()
export class GraphQLContexts {
  constructor(
    private readonly settings: Settings,
    private readonly callers: Callers,
    private readonly documents: TrustedDocuments,
    private readonly departments: DepartmentService,
    private readonly employees: EmployeeService,
  ) {}

  /** Who asks is found out before anything is parsed, and how much there is to parse before it is validated. */
  async begin(request: FastifyRequest & AskingRequest): Promise<GraphQLContext> {
    await orRefuse(async () => this.callers.meet(request));
    if (!this.settings.explorer) {
      if (!request.caller) throw refuseRequest(nobody());
      // To try things out with; whoever goes by a program has no use for it.
      if (request.method === 'GET') throw refuseRequest(new Failure('METHOD_NOT_ALLOWED', 'GraphQL is asked by POST.'));
    }
    const text = await orRefuse(async () => this.documents.textOf(askedBy(request)));
    if (text !== undefined) mustBeWithinLimits(text);
    if (text !== undefined) await orRefuse(async () => keyOfGraphQL(request, text, askedBy(request)));
    return this.create(request, text);
  }

  create(request: AskingRequest, text: string | undefined): GraphQLContext {
    return { request, records: new Records(this.departments, this.employees), text, reached: new Set() };
  }
}
