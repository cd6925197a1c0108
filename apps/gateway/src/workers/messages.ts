import type { Figures } from '#telemetry';
import type { Checks } from '../health/checks.js';

export type EndSignal = 'SIGTERM' | 'SIGINT';

/** What a worker can be asked. */
export interface Answers {
  readonly figures: Figures;
  readonly checks: Checks;
}

export interface Question {
  readonly ask: keyof Answers;
  readonly id: number;
}

export interface Answer {
  readonly id: number;
  readonly value: unknown;
}

export interface End {
  readonly end: EndSignal;
}

const has =
  <Message extends object>(name: keyof Message) =>
  (message: unknown): message is Message =>
    typeof message === 'object' && message !== null && name in message;

/** Node's own messages come the same way. */
export const isQuestion = has<Question>('ask');
export const isAnswer = has<Answer>('value');
export const isEnd = has<End>('end');
