import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { getVariableValues } from 'graphql';
import { Settings } from '#config';
import { Failure } from '#contract';
import { type Asked, TrustedDocuments } from '../edge/trusted-documents.js';
import { plainRequest } from './asked.js';
import { Plans, type Prepared, type Variables } from './plans.js';

/** A request whose plan is known: all that differs from one time to the next. */
export interface Run extends Prepared {
  readonly text: string;
  readonly variables: Variables;
  readonly contentType: string;
}

/** Finds the plan of a request, and leaves to Apollo what is wrong with it. */
@Injectable()
export class Runs {
  constructor(
    private readonly settings: Settings,
    private readonly plans: Plans,
    private readonly documents: TrustedDocuments,
  ) {}

  /** @returns undefined where Apollo is to answer. */
  of(request: FastifyRequest): Run | undefined {
    const plain = plainRequest(request);
    const text = plain && this.textOf(plain.asked);
    if (!plain || text === undefined) return undefined;
    const prepared = this.plans.find({ text, operationName: plain.operationName });
    const variables = prepared && variablesOf(prepared, plain.variables ?? {});
    if (!variables || prepared.plan.calls(variables) > this.settings.dingtalk.callsMax) return undefined;
    // Written out: what is spread and added to is slow on Node.js 20.
    return { plan: prepared.plan, lifted: prepared.lifted, text, variables, contentType: plain.contentType };
  }

  private textOf(asked: Asked): string | undefined {
    try {
      return this.documents.textOf(asked);
    } catch (error) {
      if (error instanceof Failure) return undefined;
      throw error;
    }
  }
}

/** Those of the document and those that stand for its strings. @returns undefined where they do not fit. */
function variablesOf({ plan, lifted }: Prepared, told: Variables): Variables | undefined {
  const { schema, operation } = plan;
  const definitions = operation.variableDefinitions ?? [];
  const { coerced } = definitions.length > 0 ? getVariableValues(schema, definitions, told) : { coerced: {} };
  if (!coerced) return undefined;
  const all: Record<string, unknown> = coerced;
  for (const [index, value] of lifted.strings.entries()) all[index] = value;
  return all;
}
