import type { Worker } from 'node:cluster';
import { type Answers, isAnswer } from './messages.js';

const LONGEST_MS = 2000;

let lastId = 0;

/** Asks one worker; nothing is known of one that does not answer in time. */
function askOne<Name extends keyof Answers>(worker: Worker, ask: Name): Promise<Answers[Name] | undefined> {
  const id = (lastId += 1);
  return new Promise((done) => {
    const over = (value?: Answers[Name]) => {
      clearTimeout(timer);
      worker.off('message', hear);
      done(value);
    };
    const hear = (message: unknown) => {
      if (isAnswer(message) && message.id === id) over(message.value as Answers[Name]);
    };
    const timer = setTimeout(over, LONGEST_MS);
    worker.on('message', hear);
    worker.send({ ask, id }, (error: Error | null) => error && over());
  });
}

/** @returns what each worker answers; those that do not are left out. */
export async function askAll<Name extends keyof Answers>(
  workers: Iterable<Worker>,
  ask: Name,
): Promise<Map<Worker, Answers[Name]>> {
  const asked = [...workers].map(async (worker) => [worker, await askOne(worker, ask)] as const);
  const answered = (await Promise.all(asked)).filter((each): each is [Worker, Answers[Name]] => each[1] !== undefined);
  return new Map(answered);
}
