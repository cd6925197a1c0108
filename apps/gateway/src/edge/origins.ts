import type { NestFastifyApplication } from '@nestjs/platform-fastify';

const HOUR_S = 3600;

/** Lets front ends of other origins call, cookie included; where none is named, no answer speaks of origins at all. */
export function admitOrigins(app: NestFastifyApplication, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.enableCors({
    // A function, since it can say no: another origin gets no header at all.
    origin: (origin: string | undefined, answer: (fault: null, allowed: boolean) => void) =>
      answer(null, origin !== undefined && origins.includes(origin)),
    credentials: true,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: [
      ...['authorization', 'content-type', 'x-csrf', 'x-request-id', 'idempotency-key', 'cache-control'],
      'apollo-require-preflight',
    ],
    exposedHeaders: [
      'x-request-id',
      'retry-after',
      'ratelimit',
      'ratelimit-policy',
      'location',
      'link',
      'www-authenticate',
    ],
    maxAge: HOUR_S,
  });
}
