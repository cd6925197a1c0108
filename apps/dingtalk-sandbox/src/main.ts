import { Sandbox } from './sandbox.js';

const whole = (name: string, fallback: number): number => {
  const value = Number(process.env[name] ?? fallback);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`${name} must be a whole number.`);
};

async function start(): Promise<void> {
  const sandbox = new Sandbox({
    host: process.env['HOST'] ?? '127.0.0.1',
    port: whole('PORT', 3001),
    people: whole('SANDBOX_PEOPLE', 300),
    qps: whole('SANDBOX_QPS', 0) || undefined,
  });
  await sandbox.start();
  process.stdout.write(`DingTalk sandbox: ${sandbox.url}\n`);
}

function reasonOf(error: unknown): string {
  const { code, port } = error as { code?: string; port?: number };
  if (code === 'EADDRINUSE') return `Port ${port} is taken: set SANDBOX_PORT (npm run sandbox) or PORT to a free one.`;
  return error instanceof Error ? error.message : String(error);
}

start().catch((error: unknown) => {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exit(1);
});
