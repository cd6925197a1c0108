import type { Worker } from 'node:cluster';
import { type Answers, isAnswer } from './messages.js';

/** Figures are there at once; a check may have to ask DingTalk. */
const LONGEST_MS: Readonly<Record<keyof Answers, number>> = { figures: 2000, checks: 9000 };

let lastId = 0;

/** Asks one worker; nothing is known of one that does not answer in time. */
function askOne<Name extends keyof Answers>(worker: Worker, ask: Name): Promise<Answers[Name] | undefined> {
  const id = (lastId += 1);
  return new Promise((done) => {
    const over = (value?: Answers[Name]) => {
      clearTimeout(timer);
      worker.off('message', hear).off('exit', gone);
      done(value);
    };
    const hear = (message: unknown) => {
      if (isAnswer(message) && message.id === id) over(message.value as Answers[Name]);
    };
    const gone = () => over();
    const timer = setTimeout(over, LONGEST_MS[ask]);
    worker.on('message', hear).once('exit', gone);
    worker.send({ ask, id }, (error: Error | null) => error && gone());
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
