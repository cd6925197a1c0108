import { readFileSync } from 'node:fs';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { getNamedType, isLeafType, isObjectType } from 'graphql';
import { bearer } from './client.js';
import { KEY, TestWorld } from './world.js';

/** A saved answer of DingTalk's documents. */
export const saved = (file: string): object => JSON.parse(readFileSync(`test/answers/${file}.json`, 'utf8')) as object;

const app = bearer(KEY);

/** Asks a gateway for what DingTalk answers as its documents show. */
export class Documented {
  private constructor(readonly world: TestWorld) {}

  static async start(): Promise<Documented> {
    return new Documented(await TestWorld.start());
  }

  /** The first call of all fetches the token, which is no matter here. */
  async begin(): Promise<void> {
    await this.rest('GET', '/v1/departments/1');
    this.world.sandbox.journal.clear();
  }

  /** DingTalk answers the next calls of a route so. */
  answers(route: string, file: string): void {
    this.world.sandbox.levers.add({ kind: 'answer', route, body: saved(file) });
  }

  rest(method: string, path: string, body?: unknown) {
    return this.world.client.rest(method, path, app, body);
  }

  /** The data of an answer without errors. */
  async graphql(query: string, variables?: unknown) {
    const { body } = await this.world.client.graphql(app, query, variables);
    if (body.errors) throw new Error(JSON.stringify(body.errors));
    return body.data;
  }

  /** The bodies of the calls at a path. */
  wire(path: string): unknown[] {
    return this.world.calls(path).map(({ body }) => JSON.parse(body) as unknown);
  }

  /** Every field of a type, its links left out. */
  everything(typeName: string, depth = 3): string {
    const type = this.world.app.get(GraphQLSchemaHost, { strict: false }).schema.getType(typeName);
    if (!isObjectType(type)) throw new Error(`${typeName} has no fields`);
    const fields = Object.values(type.getFields()).filter(({ extensions }) => extensions['calls'] === undefined);
    return fields
      .map(({ name, type: of }) => {
        const inner = getNamedType(of);
        if (isLeafType(inner)) return name;
        return depth > 0 ? `${name} { ${this.everything(inner.name, depth - 1)} }` : '';
      })
      .join(' ');
  }
}
