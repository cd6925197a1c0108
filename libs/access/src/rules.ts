import { SetMetadata, applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { Scope } from '#contract';

interface PeopleRule {
  readonly for: 'people';
  readonly scopes: readonly Scope[];
  /** What an internal app is told to do instead. */
  readonly instead: string;
  /** To leave is always allowed: it is not counted, and DingTalk is not asked whether the person still belongs to the organisation. */
  readonly leaving?: true;
}

/** Who may come in by a door. */
export type Rule =
  { readonly for: 'anybody' } | { readonly for: 'callers'; readonly scopes: readonly Scope[] } | PeopleRule;

export const RULE = 'access:rule';

/** The guard reads the rule, and so does the generated API document. */
const door = (rule: Rule): MethodDecorator => applyDecorators(SetMetadata(RULE, rule), ApiExtension('x-access', rule));

/** Open to everybody; the session cookie is not even looked at. */
export const Open = () => door({ for: 'anybody' });

/** For internal apps and people with all of these scopes. */
export const Needs = (...scopes: Scope[]) => door({ for: 'callers', scopes });

/** For people with all of these scopes; an internal app is told what to call instead. */
export const NeedsPerson = (instead: string, ...scopes: Scope[]) => door({ for: 'people', scopes, instead });

/** For whoever wants to end their session. */
export const NeedsSessionToEnd = (instead: string) => door({ for: 'people', scopes: [], instead, leaving: true });
