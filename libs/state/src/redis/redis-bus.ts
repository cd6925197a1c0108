import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { RedisAddress } from '#config';
import { Bus } from '../bus.js';
import { type RedisClient, connect, giveUp } from './connect.js';
import type { RedisLink } from './redis-link.js';

interface Topic {
  readonly heard: (message: string) => void;
  readonly missed: () => void;
  /** How many words of this replica there were. */
  told: number;
  /** The last word of each other replica that was heard, by its number. */
  readonly last: LRUCache<string, number>;
}

interface Word {
  readonly who: string;
  readonly number: number;
  /** None in a beat. */
  readonly message?: string;
}

/** Every replica says so often how many words of it there were: who has heard fewer has missed some. */
const BEAT_MS = 1000;
/** Who has not even heard itself for so long hears nobody. */
const DEAF_MS = 3000;
const MAX_OTHERS = 1000;

/** `<who> <number> <message>`, or without a message where it is a beat. */
const WORD = /^(?<who>[0-9a-f-]{36}) (?<number>[0-9]{1,15})(?: (?<message>.*))?$/s;

/** Messages over Redis, numbered: a message that was lost, whoever lost it, is noticed within a second. */
export class RedisBus extends Bus {
  private readonly ear: RedisClient;
  private readonly name = randomUUID();
  private readonly topics = new Map<string, Topic>();
  private readonly timer: NodeJS.Timeout;
  private heardMs = performance.now();

  constructor(
    address: RedisAddress,
    private readonly link: RedisLink,
  ) {
    super();
    this.ear = connect(address);
    this.ear.on('error', () => undefined);
    this.ear.on('ready', () => void this.listen());
    this.ear.on('message', (channel: string, text: string) => this.take(channel, text));
    this.timer = setInterval(() => void this.beat(), BEAT_MS).unref();
  }

  close(): void {
    clearInterval(this.timer);
    this.ear.disconnect();
  }

  override async tell(name: string, message: string): Promise<void> {
    const topic = this.topics.get(this.link.key(name));
    if (!topic) return;
    topic.told += 1;
    await this.say(name, `${topic.told} ${message}`);
  }

  override hear(name: string, heard: (message: string) => void, missed: () => void): void {
    this.topics.set(this.link.key(name), { heard, missed, told: 0, last: new LRUCache({ max: MAX_OTHERS }) });
    void this.listen();
  }

  /** What cannot be said is missed by the others, and their next beat shows it. */
  private async say(name: string, words: string): Promise<void> {
    await this.link
      .run((client) => client.publish(this.link.key(name), `${this.name} ${words}`))
      .catch(() => undefined);
  }

  /** After each time that it was not connected something may have been said. */
  private async listen(): Promise<void> {
    const channels = [...this.topics.keys()];
    if (channels.length === 0) return;
    try {
      await this.ear.subscribe(...channels);
      this.heardMs = performance.now();
      for (const { missed } of this.topics.values()) missed();
    } catch {
      // It is not connected yet; it listens when it is.
    }
  }

  private take(channel: string, text: string): void {
    const topic = this.topics.get(channel);
    const word = wordOf(text);
    if (!topic || !word) return;
    this.heardMs = performance.now();
    if (word.who !== this.name) follow(topic, word);
  }

  private async beat(): Promise<void> {
    const isDeaf = this.topics.size > 0 && this.link.isThere && performance.now() - this.heardMs > DEAF_MS;
    if (isDeaf) {
      this.heardMs = performance.now();
      giveUp(this.ear);
    }
    for (const [channel, { told }] of this.topics) await this.say(channel.slice(this.link.prefix.length), String(told));
  }
}

function wordOf(text: string): Word | undefined {
  const { who, number, message } = WORD.exec(text)?.groups ?? {};
  return who === undefined ? undefined : { who, number: Number(number), message };
}

/** Of a replica that was not heard before, nothing is known to be missing. */
function follow({ last, heard, missed }: Topic, { who, number, message }: Word): void {
  const before = last.get(who);
  last.set(who, number);
  const isNext = before === undefined || number === before + (message === undefined ? 0 : 1);
  if (!isNext) missed();
  else if (message !== undefined) heard(message);
}
