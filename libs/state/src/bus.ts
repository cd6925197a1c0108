/** Tells the other replicas, not oneself. Who is away when something is told never hears it. */
export abstract class Bus {
  /** Ends when the message is on its way, or could not be sent: never with an error. */
  abstract tell(topic: string, message: string): Promise<void>;
  /**
   * @param heard gets each message of another replica, which is as doubtful as any input.
   * @param missed is called where messages may have been lost.
   */
  abstract hear(topic: string, heard: (message: string) => void, missed: () => void): void;
}

/** There are no others. */
export class MemoryBus extends Bus {
  override async tell(): Promise<void> {
    return undefined;
  }

  override hear(): void {
    return undefined;
  }
}
