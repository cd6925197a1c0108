/**
 * What is known at once, or else a little later. What every request goes through answers so: where nothing has to be waited
 * for there is no promise to be kept, and a request has gone through dozens of them before it asked DingTalk anything.
 */
export type Soon<Value> = Value | Promise<Value>;

export const isPromise = <Value>(value: Soon<Value>): value is Promise<Value> =>
  typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';

/** Goes on with a value as soon as it is there. */
export const soon = <Value, Next>(value: Soon<Value>, next: (value: Value) => Soon<Next>): Soon<Next> =>
  isPromise(value) ? value.then(next) : next(value);
