import { Injectable } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

interface Route {
  readonly method: string;
  readonly url: string;
  readonly pattern: RegExp;
}

const toPattern = (url: string): RegExp => new RegExp(`^${url.replace(/:[^/]+/g, '[^/]+').replace(/\*$/, '.*')}$`);

/** Every route of the gateway, as Fastify registers it. */
@Injectable()
export class RouteTable {
  private readonly routes: Route[] = [];

  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', ({ method, url }) => {
      // Of the preflights of other origins, which are answered before any route.
      if (url === '*') return;
      for (const one of [method].flat()) this.routes.push({ method: one, url, pattern: toPattern(url) });
    });
  }

  /** `GET /v1/departments/:id` and its like. */
  all(): readonly Pick<Route, 'method' | 'url'>[] {
    return this.routes;
  }

  /** The methods that an address takes; none where nothing is there. */
  methodsOf(url: string): string[] {
    const path = url.split('?')[0] ?? '';
    const methods = this.routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    return [...new Set(methods)].sort();
  }
}
