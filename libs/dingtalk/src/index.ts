export { DingTalkClient, notOffered, tooManyCalls } from './client.js';
export type { TokenHolder } from './client.js';
export { DingTalkModule } from './dingtalk.module.js';
export { endpoint } from './endpoint.js';
export type { Refusals } from './endpoint.js';
export { Reading } from './reading.js';
export { Reads } from './reads.js';
export { AppTokens } from './token/app-tokens.js';
export { UNKNOWN_AUTH_CODE, UserTokens } from './token/user-tokens.js';
