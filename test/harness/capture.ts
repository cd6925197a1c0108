/** Everything that a run says: log lines and answers. Nothing secret may be in it. */
export class Capture {
  readonly logs: string[] = [];
  readonly answers: string[] = [];

  /** A destination for the logger. */
  readonly destination = {
    write: (line: string): void => {
      this.logs.push(line);
    },
  };

  /** The secrets that were said, each with where; empty is right. */
  leaks(secrets: readonly string[]): string[] {
    const where: [string, readonly string[]][] = [
      ['log', this.logs],
      ['answer', this.answers],
    ];
    return where.flatMap(([place, texts]) =>
      secrets.filter((secret) => texts.some((text) => text.includes(secret))).map((secret) => `${place}: ${secret}`),
    );
  }
}
