import { type CanActivate, type ExecutionContext, Injectable, createParamDecorator } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { GqlExecutionContext } from '@nestjs/graphql';
import { type Caller, Failure } from '#contract';
import { currentRequest } from '#telemetry';
import { Authenticator, type Headers, nobody } from './authenticator.js';
import { RULE, type Rule } from './rules.js';

/** The part of a request that access looks at; the caller is found once and stays on it. */
export interface AskingRequest {
  readonly headers: Headers;
  caller?: Caller;
}

const requestOf = (context: ExecutionContext): AskingRequest =>
  context.getType<string>() === 'graphql'
    ? GqlExecutionContext.create(context).getContext<{ request: AskingRequest }>().request
    : context.switchToHttp().getRequest<AskingRequest>();

/** One guard for GraphQL and REST. A door that names no rule is shut. */
@Injectable()
export class InternalAppGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.getAllAndOverride<Rule | undefined>(RULE, [context.getHandler(), context.getClass()]);
    if (!rule) throw new Failure('FORBIDDEN', 'This door names nobody who may open it.');
    if (rule.for === 'anybody') return true;
    const request = requestOf(context);
    request.caller ??= await this.authenticator.authenticate(request.headers);
    if (!request.caller) throw nobody();
    note(request.caller);
    mayEnter(request.caller, rule);
    return true;
  }
}

function mayEnter(caller: Caller, rule: Exclude<Rule, { for: 'anybody' }>): void {
  if (rule.for === 'people' && caller.kind !== 'person') {
    throw new Failure('FORBIDDEN', `An internal app is no person: ${rule.instead}.`);
  }
  const missing = rule.scopes.filter((scope) => !caller.scopes.has(scope));
  if (missing.length > 0) throw new Failure('FORBIDDEN', `The caller lacks the scope ${missing.join(', ')}.`);
}

function note(caller: Caller): void {
  const request = currentRequest();
  if (request) request.caller = caller.kind === 'app' ? `app:${caller.id}` : 'person';
}

/** The caller whom the guard let in. */
export const TheCaller = createParamDecorator((_: unknown, context: ExecutionContext) => requestOf(context).caller);
