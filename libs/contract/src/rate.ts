/** How often a caller may ask: operations a second, and as many at once after a pause. */
export interface Rate {
  readonly perS: number;
  readonly burst: number;
}

const RATE = /^([1-9][0-9]{0,6}):([1-9][0-9]{0,6})$/;

export const RATE_RULE = 'must read 50:100 (operations a second, burst) or off';

/** `50:100`, or `off`; undefined where it is neither. */
export function parseRate(text: unknown): Rate | 'off' | undefined {
  if (text === 'off') return 'off';
  const [, perS, burst] = (typeof text === 'string' && RATE.exec(text)) || [];
  return perS && burst ? { perS: Number(perS), burst: Number(burst) } : undefined;
}
