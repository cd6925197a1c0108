/** One thing that the work depends on. */
export interface Check {
  readonly ok: boolean;
  /** Whether the gateway is unready where it is not ok. */
  readonly needed: boolean;
  /** Why, in words for operators: nothing of it is for callers. */
  readonly reason: string;
}

/** What the work depends on, by name. */
export type Checks = Readonly<Record<string, Check>>;

export const isReady = (checks: Checks): boolean => Object.values(checks).every(({ ok, needed }) => ok || !needed);
