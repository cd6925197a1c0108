import cluster from 'node:cluster';
import { type Answers, type EndSignal, type Question, isEnd, isQuestion } from './messages.js';

const SIGNALS: readonly EndSignal[] = ['SIGTERM', 'SIGINT'];

/**
 * Tells of the signals that end a process. A worker hears them of the primary alone: a terminal, or what supervises
 * services, signals the whole group, and two signals mean: at once.
 */
export function onEnd(hear: (signal: EndSignal) => void): void {
  for (const signal of SIGNALS) process.on(signal, () => cluster.isPrimary && hear(signal));
  if (cluster.isWorker) process.on('message', (message) => isEnd(message) && hear(message.end));
}

/** Answers what the primary asks on behalf of operators. */
export function answerPrimary(answers: { readonly [Name in keyof Answers]: () => Promise<Answers[Name]> }): void {
  const answer = async ({ ask, id }: Question) => {
    process.send?.({ id, value: await answers[ask]() });
  };
  // What is not answered is left out by whoever asks.
  process.on('message', (message) => isQuestion(message) && void answer(message).catch(() => undefined));
}
