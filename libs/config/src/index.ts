export { ConfigModule } from './config.module.js';
export type { DatabaseAddress } from './database-url.js';
export type { RedisAddress } from './redis-url.js';
export { environmentFrom, readSettings } from './read-settings.js';
export type { Environment } from './reader.js';
export { CannotStart, Settings, WrongEnvironment } from './settings.js';
