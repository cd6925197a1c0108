import { randomUUID } from 'node:crypto';
import type { RedisAddress } from '#config';
import { Bus } from '../bus.js';
import { type RedisClient, connect } from './connect.js';
import type { RedisLink } from './redis-link.js';

interface Listener {
  readonly heard: (message: string) => void;
  readonly missed: () => void;
}

/** How often the connection that hears is asked whether it lives: a dead one is silent like one on which nothing is said. */
const CHECK_MS = 1000;
/** What could not be told: whoever hears it must take it for anything. */
const ANYTHING = 'anything';

/** Messages over Redis: `<who> <message>`. */
export class RedisBus extends Bus {
  private readonly ear: RedisClient;
  private readonly name = randomUUID();
  private readonly listeners = new Map<string, Listener>();
  /** Topics of which something could not be told. */
  private readonly untold = new Set<string>();
  private timer?: NodeJS.Timeout;

  constructor(
    address: RedisAddress,
    private readonly link: RedisLink,
  ) {
    super();
    this.ear = connect(address);
    this.ear.on('error', () => undefined);
    this.ear.on('ready', () => void this.listen());
    this.ear.on('message', (channel: string, text: string) => this.take(channel, text));
    this.timer = setInterval(() => void this.check(), CHECK_MS).unref();
    link.whenBack(() => void this.tellUntold());
  }

  close(): void {
    clearInterval(this.timer);
    this.ear.disconnect();
  }

  override async tell(topic: string, message: string): Promise<void> {
    try {
      await this.link.run((client) => client.publish(this.link.key(topic), `${this.name} ${message}`));
    } catch {
      this.untold.add(topic);
    }
  }

  override hear(topic: string, heard: (message: string) => void, missed: () => void): void {
    this.listeners.set(this.link.key(topic), { heard, missed });
    void this.listen();
  }

  /** After each time that it was not connected something may have been said. */
  private async listen(): Promise<void> {
    const channels = [...this.listeners.keys()];
    if (channels.length === 0) return;
    try {
      await this.ear.subscribe(...channels);
      for (const { missed } of this.listeners.values()) missed();
    } catch {
      // It is not connected yet; it listens when it is.
    }
  }

  private take(channel: string, text: string): void {
    const listener = this.listeners.get(channel);
    const [who, ...words] = text.split(' ');
    if (!listener || who === this.name) return;
    const message = words.join(' ');
    if (message === ANYTHING) listener.missed();
    else listener.heard(message);
  }

  private async tellUntold(): Promise<void> {
    const topics = [...this.untold];
    this.untold.clear();
    for (const topic of topics) await this.tell(topic, ANYTHING);
  }

  private async check(): Promise<void> {
    // A cluster looks after the connection that hears by itself.
    if (!('ping' in this.ear) || this.ear.isCluster || this.ear.status !== 'ready') return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((done) => (timer = setTimeout(() => done('late'), CHECK_MS)));
    const answer = await Promise.race([this.ear.ping().catch(() => 'late'), late]);
    clearTimeout(timer);
    if (answer === 'late') this.ear.disconnect(true);
  }
}
