export { ConfigModule } from './config.module.js';
export type { RedisAddress } from './redis-url.js';
export { readSettings } from './read-settings.js';
export { Settings, WrongEnvironment } from './settings.js';
