import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Settings } from '#config';
import { Failure } from '#contract';
import { Bus } from '#state';
import { Deadline, Metrics, currentRequest, runInRequest } from '#telemetry';
import type { DingTalkClient } from './client.js';
import { endpoint } from './endpoint.js';
import { Reads } from './reads.js';

interface Asked {
  readonly input: { readonly id: string };
  answer(output: string): void;
  fail(error: Error): void;
}

const getThing = endpoint({
  name: 'thing.get',
  api: 'oapi',
  route: 'POST /topapi/thing',
  bearer: 'app',
  effect: 'read',
  write: ({ id }: { id: string }) => ({ body: { id } }),
  read: (answer) => answer.text('name') ?? '',
  shows: (_, { id }) => [`thing:${id}`],
});

/** Answers when it is told to. */
class Client {
  readonly asked: Asked[] = [];
  /** The deadline of the last call. */
  deadline?: Deadline;

  send(_: unknown, input: { id: string }): Promise<string> {
    this.deadline = currentRequest()?.deadline;
    return new Promise((answer, fail) => this.asked.push({ input, answer, fail }));
  }
}

/** The other replicas. */
class Others extends Bus {
  readonly told: string[] = [];
  say?: (message: string) => void;
  beAway?: () => void;

  override async tell(_: string, message: string): Promise<void> {
    this.told.push(message);
  }

  override hear(_: string, heard: (message: string) => void, missed: () => void): void {
    this.say = heard;
    this.beAway = missed;
  }
}

let bus: Others;
let client: Client;
let reads: Reads;
let nowMs: number;

const start = (rememberS: number) => {
  client = new Client();
  bus = new Others();
  const settings = { reads: { rememberS }, dingtalk: { timeoutMs: 1000, callsMax: 1 } } as Settings;
  reads = new Reads(settings, client as unknown as DingTalkClient, bus, new Metrics());
};

beforeEach(() => {
  nowMs = 1000;
  // Each look at the clock is later than the one before.
  jest.spyOn(performance, 'now').mockImplementation(() => (nowMs += 0.001));
  start(30);
});
afterEach(() => {
  jest.restoreAllMocks();
});

const read = (id = 'a') => reads.read(getThing, { id });
/** Asks, and waits for no answer. */
const ask = (id: string) => void read(id).catch(() => undefined);
const change = (...tags: string[]) =>
  reads.change(
    () => tags,
    async () => undefined,
  );

/** Reads and is answered at once. */
async function told(output: string, id = 'a'): Promise<string> {
  const calls = client.asked.length;
  const answer = read(id);
  client.asked[calls]?.answer(output);
  return answer;
}

describe('reads', () => {
  it('that are asked for at once are one call, and its failure is everybody’s', async () => {
    const both = [read(), read()];
    expect(client.asked).toHaveLength(1);
    client.asked[0]?.fail(new Failure('DINGTALK_UNAVAILABLE'));
    const outcomes = await Promise.allSettled(both);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await told('b')).toBe('b');
  });

  it('are told again until what they show is changed', async () => {
    await told('before');
    await told('other', 'b');
    await change('thing:a');
    expect([await told('after'), await read('b')]).toEqual(['after', 'other']);
    expect(client.asked).toHaveLength(3);
  });

  it('that began before a change are told whoever waits for them, not kept, and joined by nobody after it', async () => {
    const first = read();
    await change('thing:a');
    const second = read();
    expect(client.asked).toHaveLength(2);
    client.asked[1]?.answer('after');
    expect(await second).toBe('after');
    client.asked[0]?.answer('before');
    expect(await first).toBe('before');
    expect(await read()).toBe('after');
  });

  it('that began while a change was under way are not kept either', async () => {
    let finish: () => void = () => undefined;
    const changing = reads.change(
      () => ['thing:a'],
      () => new Promise<void>((done) => (finish = done)),
    );
    const during = read();
    client.asked[0]?.answer('half');
    expect(await during).toBe('half');
    expect(await read()).toBe('half');
    finish();
    await changing;
    expect(await told('after')).toBe('after');
  });

  it('of what an unknown outcome touches are not kept for a while', async () => {
    const unknown = reads.change(
      () => ['thing:a'],
      () => Promise.reject(new Failure('OUTCOME_UNKNOWN')),
    );
    await expect(unknown).rejects.toThrow(Failure);
    expect([await told('1'), await told('2')]).toEqual(['1', '2']);
    nowMs += 31_000;
    expect([await told('3'), await read()]).toEqual(['3', '3']);
  });

  it('of what is unsettled stay so when something else about it is changed', async () => {
    const unknown = reads.change(
      () => ['thing:a'],
      () => Promise.reject(new Failure('OUTCOME_UNKNOWN')),
    );
    await expect(unknown).rejects.toThrow(Failure);
    await change('thing:a');
    expect([await told('1'), await told('2')]).toEqual(['1', '2']);
  });

  it('are forgotten by what a change turns out to touch', async () => {
    await told('1');
    await reads.change(
      (id) => [`thing:${id}`],
      async () => 'a',
    );
    expect(await told('2')).toBe('2');
  });

  it('of what a refused change touches are kept as ever after it', async () => {
    const refused = reads.change(
      () => ['thing:a'],
      () => Promise.reject(new Failure('REJECTED')),
    );
    await expect(refused).rejects.toThrow(Failure);
    expect([await told('1'), await read()]).toEqual(['1', '1']);
  });

  it('are forgotten when their time is over', async () => {
    await told('1');
    nowMs += 30_001;
    expect(await told('2')).toBe('2');
  });

  it('wait no longer than whoever asks has time, and the call goes on for the others', async () => {
    jest.restoreAllMocks();
    start(30);
    await expect(Promise.race([read(), new Promise((wait) => setTimeout(wait, 1500, 'late'))])).rejects.toMatchObject({
      code: 'DINGTALK_TIMEOUT',
    });
  });

  it('have a deadline of their own, and not that of whoever asks first', async () => {
    const deadline = new Deadline(5000);
    const first = runInRequest({ requestId: 'x', deadline }, () => read());
    expect(client.deadline?.leftMs).toBeGreaterThan(4000);
    expect(client.deadline).not.toBe(deadline);
    client.asked[0]?.answer('x');
    expect(await first).toBe('x');
  });

  it('that end because the time of whoever asked first is over are asked for again by those who have some left', async () => {
    const first = read();
    const second = read();
    client.asked[0]?.fail(new Failure('DINGTALK_TIMEOUT'));
    await expect(first).rejects.toMatchObject({ code: 'DINGTALK_TIMEOUT' });
    client.asked[1]?.answer('late');
    expect([await second, client.asked.length]).toEqual(['late', 2]);
  });

  it('count for whoever makes the call, not for those who join it, and not what a change reads', async () => {
    const within = <Result>(left: number, work: () => Result) =>
      runInRequest({ requestId: 'x', deadline: new Deadline(5000), calls: { left } }, work);
    await expect(within(0, () => read())).rejects.toMatchObject({ code: 'BAD_INPUT' });
    const first = within(1, () => read());
    const joined = within(0, () => read());
    const own = within(0, () => reads.readAnew(getThing, { id: 'b' }));
    for (const asked of client.asked) asked.answer('x');
    expect(await Promise.all([first, joined, own])).toEqual(['x', 'x', 'x']);
    expect(await within(0, () => read())).toBe('x');
  });

  it('are bounded in number: the eldest go first', async () => {
    for (let id = 0; id <= 10_000; id += 1) await told('x', String(id));
    expect(client.asked).toHaveLength(10_001);
    await read('10000');
    expect(client.asked).toHaveLength(10_001);
    ask('0');
    expect(client.asked).toHaveLength(10_002);
  });

  it('are bounded in bytes: 16 MiB, and none that takes more than one of them', async () => {
    const half = 'x'.repeat(250_000);
    for (let id = 0; id < 40; id += 1) await told(half, String(id));
    ask('39');
    expect(client.asked).toHaveLength(40);
    ask('0');
    expect(client.asked).toHaveLength(41);
    await told('x'.repeat(600_000), 'huge');
    ask('huge');
    expect(client.asked).toHaveLength(43);
  });

  it('are all forgotten rather than told wrongly where more was changed than can be remembered', async () => {
    await told('before');
    const onItsWay = read('b');
    await change('thing:a', 'thing:b');
    for (let count = 0; count < 50_001; count += 1) await change(`other:${count}`);
    client.asked[1]?.answer('before');
    await onItsWay;
    expect([await told('after'), await told('after', 'b')]).toEqual(['after', 'after']);
  });

  it('are forgotten where another replica has changed something, and all of them where it may have changed anything', async () => {
    const lose = [
      () => bus.say?.('{"tags":["thing:a"],"unsettledMs":0}'),
      () => bus.beAway?.(),
      ...['no JSON', '{"tags":"thing:a","unsettledMs":0}', '{"tags":["x"]}', 'null'].map(
        (text) => () => bus.say?.(text),
      ),
    ];
    for (const [at, happens] of lose.entries()) {
      await told(`before ${at}`);
      happens();
      expect(await told(`after ${at}`)).toBe(`after ${at}`);
      bus.say?.('{"tags":["thing:b"],"unsettledMs":0}');
      expect(await read()).toBe(`after ${at}`);
      happens();
    }
  });

  it('are not forgotten for ever on the word of a replica', async () => {
    bus.say?.('{"tags":["thing:a"],"unsettledMs":1e300}');
    nowMs += 30_001;
    await told('x');
    expect(await read()).toBe('x');
  });
});

describe('a change', () => {
  it('is told to the other replicas before whoever made it goes on', async () => {
    await change('thing:a', 'thing:b');
    expect(bus.told).toEqual(['{"tags":["thing:a","thing:b"],"unsettledMs":0}']);
  });
});
