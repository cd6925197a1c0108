let second = -1;
let text = '';

/** What `new Date(ms).toISOString()` tells, put together once a second: every line of the log has one. */
export function isoTime(ms: number): string {
  const past = ms % 1000;
  if (ms - past !== second) {
    second = ms - past;
    text = new Date(ms).toISOString().slice(0, -'000Z'.length);
  }
  return `${text}${String(past).padStart(3, '0')}Z`;
}
