/** An answer as it came from the network. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly retryAfterS?: number;
  /** DingTalk's own clock when it answered. */
  readonly dateMs?: number;
}

/** DingTalk said no, in whichever of its ways. */
export interface Refusal {
  readonly code: string;
  readonly status: number;
  readonly requestId?: string;
  /** Permissions that DingTalk names as missing. */
  readonly scopes: readonly string[];
  readonly retryAfterS?: number;
}

export type Opened = { readonly payload: unknown; readonly requestId?: string } | { readonly refusal: Refusal };

/** What differs between DingTalk's two API generations. */
export interface Dialect {
  /** Where a token is carried. */
  carry(token: string): { headers?: Record<string, string>; query?: Record<string, string> };
  /**
   * Tells a success from a refusal.
   * @throws Unreadable where it is neither.
   */
  open(answer: Answer): Opened;
}
