import { type CanActivate, type ExecutionContext, Injectable, createParamDecorator } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { GqlExecutionContext } from '@nestjs/graphql';
import { type Caller, Failure, type Soon, soon } from '#contract';
import { currentRequest } from '#telemetry';
import { nobody } from './authenticator.js';
import { type AskingRequest, Callers } from './callers.js';
import { RULE, type Rule } from './rules.js';

type ClosedRule = Exclude<Rule, { for: 'anybody' }>;

const isGraphQL = (context: ExecutionContext): boolean => context.getType<string>() === 'graphql';

const requestOf = (context: ExecutionContext): AskingRequest =>
  isGraphQL(context)
    ? GqlExecutionContext.create(context).getContext<{ request: AskingRequest }>().request
    : context.switchToHttp().getRequest<AskingRequest>();

/** One guard for GraphQL and REST, for internal apps and for people. A door that names no rule is shut. */
@Injectable()
export class InternalAppGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly callers: Callers,
  ) {}

  canActivate(context: ExecutionContext): Soon<boolean> {
    const rule = this.reflector.getAllAndOverride<Rule | undefined>(RULE, [context.getHandler(), context.getClass()]);
    if (!rule) throw new Failure('FORBIDDEN', 'This door names nobody who may open it.');
    if (rule.for === 'anybody') return true;
    const request = requestOf(context);
    const received = isGraphQL(context) ? undefined : this.receive(request, rule);
    return soon(received, () => {
      mayEnter(request.caller, rule);
      const current = currentRequest();
      if (current) current.scope = rule.scopes.join(' ');
      return true;
    });
  }

  /** GraphQL receives its caller once, before any field. */
  private receive(request: AskingRequest, rule: ClosedRule): Soon<void> {
    // Whoever leaves may do so however often they asked, and whatever DingTalk says.
    if (rule.for === 'people' && rule.leaving) return this.callers.recognise(request);
    return soon(this.callers.meet(request), () => {
      mayEnter(request.caller, rule);
      // Last, since it may ask DingTalk.
      return this.callers.confirm(request);
    });
  }
}

function mayEnter(caller: Caller | undefined, rule: ClosedRule): void {
  if (!caller) throw nobody();
  if (rule.for === 'people' && caller.kind !== 'person') {
    throw new Failure('FORBIDDEN', `An internal app is no person: ${rule.instead}.`);
  }
  const missing = rule.scopes.filter((scope) => !caller.scopes.has(scope));
  if (missing.length === 0) return;
  throw new Failure('FORBIDDEN', `The caller lacks the scope ${missing.join(', ')}.`, {
    challenge: `error="insufficient_scope", scope="${missing.join(' ')}"`,
  });
}

/** The caller whom the guard let in. */
export const TheCaller = createParamDecorator((_: unknown, context: ExecutionContext) => requestOf(context).caller);
