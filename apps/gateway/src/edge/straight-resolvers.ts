import { type CanActivate, ForbiddenException, Injectable, type PipeTransform } from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { ParamsTokenFactory } from '@nestjs/core/pipes/params-token-factory.js';
import { type Soon, isPromise } from '#contract';

type CreatePipes = ExternalContextCreator['createPipesFn'];
type Param = Parameters<CreatePipes>[1][number];

/** A parameter of a resolver: where its value comes from and what looks at it. */
interface Checked {
  readonly index: number;
  readonly pipes: readonly PipeTransform[];
  readonly metadata: Parameters<PipeTransform['transform']>[1];
  readonly extract: (...args: unknown[]) => unknown;
}

const tokens = new ParamsTokenFactory();

/**
 * Asks the guards and the pipes of a resolver straight, one after the other, as they are bound to it. Nest makes some thirty
 * promises of that for each field; here there is one only where something has to be waited for.
 */
@Injectable()
export class StraightResolvers {
  constructor(contexts: ExternalContextCreator) {
    contexts.createGuardsFn = createGuards;
    contexts.createPipesFn = createPipes as CreatePipes;
  }
}

const createGuards: ExternalContextCreator['createGuardsFn'] = (guards: CanActivate[], instance, callback, type) => {
  if (guards.length === 0) return null;
  const Class = instance.constructor as ConstructorParameters<typeof ExecutionContextHost>[1];
  return (args: unknown[]): Soon<void> => {
    const context = new ExecutionContextHost(args, Class, callback);
    if (type) context.setType(type);
    return pass(guards, context);
  };
};

function pass(guards: readonly CanActivate[], context: ExecutionContextHost): Soon<void> {
  for (const [at, guard] of guards.entries()) {
    const told = guard.canActivate(context);
    if (isPromise(told)) {
      return told.then((isLetIn) => {
        mustBeLetIn(isLetIn);
        return pass(guards.slice(at + 1), context);
      });
    }
    mustBeLetIn(told);
  }
}

function mustBeLetIn(told: unknown): void {
  if (told !== true) throw new ForbiddenException();
}

function createPipes(bound: readonly PipeTransform[], params: readonly Param[]) {
  if (params.length === 0) return null;
  const all = params.map((param) => checked(bound, param));
  return (args: unknown[], ...given: unknown[]): Soon<unknown> => {
    let waiting: Promise<unknown>[] | undefined;
    for (const param of all) {
      const value = valueOf(param, given);
      if (isPromise(value)) (waiting ??= []).push(value.then((told) => (args[param.index] = told)));
      else args[param.index] = value;
    }
    return waiting && Promise.all(waiting);
  };
}

function checked(bound: readonly PipeTransform[], param: Param): Checked {
  const metadata = {
    metatype: param.metatype as Checked['metadata']['metatype'],
    type: tokens.exchangeEnumForString(param.type as number),
    data: param.data as string,
  };
  const extract = param.extractValue as Checked['extract'];
  return { index: param.index, metadata, pipes: [...bound, ...param.pipes], extract };
}

/** A failure is a promise too: others may be under way, whose own somebody has to hear. */
function valueOf({ pipes, metadata, extract }: Checked, given: readonly unknown[]): unknown {
  try {
    return piped(pipes, extract(...given), metadata);
  } catch (error) {
    return failed(error);
  }
}

const failed = async (error: unknown): Promise<never> => {
  throw error;
};

function piped(pipes: readonly PipeTransform[], value: unknown, metadata: Checked['metadata']): unknown {
  let told = value;
  for (const [at, pipe] of pipes.entries()) {
    if (isPromise(told)) return told.then((later) => piped(pipes.slice(at), later, metadata));
    told = pipe.transform(told, metadata);
  }
  return told;
}
