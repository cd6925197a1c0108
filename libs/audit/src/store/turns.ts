/** Lets one at a time in, in the order in which they came. */
export class Turns {
  private last: Promise<void> = Promise.resolve();

  /** @returns what ends the turn. */
  async take(): Promise<() => void> {
    const before = this.last;
    let end: () => void = () => undefined;
    this.last = new Promise((ended) => (end = ended));
    await before;
    return end;
  }
}
