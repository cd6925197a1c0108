import module from 'node:module';
import { join } from 'node:path';
import { showOwnLines } from './own-lines.js';

showOwnLines();
// What V8 makes of the code is kept beside it, where this process may write, and read where it may not. Node.js 20 has no such thing.
const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown };
enableCompileCache?.(join(import.meta.dirname, 'compiled'));

await import('./start.js');
