import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
} from 'graphql';
import { Random } from '../../apps/dingtalk-sandbox/src/world/random.js';

type Field = GraphQLField<unknown, unknown>;

/** A request to `/graphql` that somebody might send. */
export interface GeneratedRequest {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The same choices for the same seed. */
export class Chance extends Random {
  is(share: number): boolean {
    return this.next() < share;
  }
}

/** What may be given for an argument, right or wrong, by its name and else by its type. */
export type Values = Readonly<Record<string, readonly unknown[]>>;

const ACCEPTS = ['*/*', 'application/json', 'application/json, text/plain, */*', 'application/graphql-response+json'];
const ODD_ACCEPTS = [
  'text/html',
  'application/graphql-response+json; q=0.5, */*;q=0.1',
  'multipart/mixed',
  'image/png',
];
const CONTENT_TYPES = ['application/json; charset=utf-8', 'application/json;charset=utf-8', 'application/JSON'];
const TAIL = ['# a remark', '"a description" type T { a: Int }', '"', '}', '\n\n', 'fragment Unused on User { nick }'];
const MOST_DEEP = 4;

/** Makes operations of a schema: most are right, some are wrong in one of the ways in which clients go wrong. */
export class OperationMaker {
  private variables: Record<string, unknown> = {};
  private definitions: string[] = [];
  private fragments: string[] = [];

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly chance: Chance,
    private readonly values: Values,
  ) {}

  make(): GeneratedRequest {
    Object.assign(this, { variables: {}, definitions: [], fragments: [] });
    const { chance } = this;
    const selection = this.selection(this.schema.getQueryType() as GraphQLObjectType, 0);
    const name = chance.is(0.4) ? 'Profile' : '';
    const defined = this.definitions.length > 0 ? `(${this.definitions.join(', ')})` : '';
    const head = name || defined ? `query ${name}${defined} ` : chance.pick(['', 'query ']);
    const others = chance.is(0.02) ? ['query Other { __typename }'] : [];
    const tail = chance.is(0.02) ? [chance.pick(TAIL)] : [];
    const query = [`${head}${selection}`, ...this.fragments, ...others, ...tail].join(chance.pick([' ', '\n']));
    const asked = {
      query,
      ...(Object.keys(this.variables).length > 0 && { variables: this.variables }),
      ...(chance.is(0.3) && name && { operationName: name }),
      ...(chance.is(0.02) && this.oddity()),
    };
    return { body: JSON.stringify(asked), headers: this.headers() };
  }

  private oddity(): object {
    return this.chance.pick<object>([
      { variables: null },
      { operationName: null },
      { operationName: 'Nobody' },
      { operationName: '' },
      { extensions: {} },
      { extensions: null },
      { extensions: [] },
      { extensions: { idempotencyKey: 'a-key-for-a-question' } },
      { variables: [] },
      { variables: 'none' },
      { variables: { ...this.variables, tooMany: 1 } },
      { query: '' },
      { query: 7 },
      { documentId: 'x' },
      { id: 7 },
    ]);
  }

  private headers(): Record<string, string> {
    const { chance } = this;
    return {
      'content-type': chance.is(0.94) ? 'application/json' : chance.pick(CONTENT_TYPES),
      ...(chance.is(0.5) && { accept: chance.pick(ACCEPTS) }),
      ...(chance.is(0.01) && { accept: chance.pick(ODD_ACCEPTS) }),
      ...(chance.is(0.01) && { 'idempotency-key': 'a-key-for-a-question' }),
    };
  }

  private selection(type: GraphQLObjectType, depth: number): string {
    const { chance } = this;
    const fields = Object.values(type.getFields()).filter(({ name }) => name !== 'auditEvents');
    const leaves = fields.filter(({ type: of }) => !isObjectType(getNamedType(of)));
    const most = depth === 0 ? 2 : 5;
    const picked = Array.from({ length: 1 + chance.whole(most) }, () => {
      const isLeaf = depth >= MOST_DEEP || (leaves.length > 0 && chance.is(0.6));
      return isLeaf && leaves.length > 0 ? chance.pick(leaves) : chance.pick(fields);
    }).filter((field) => depth < MOST_DEEP || leaves.includes(field));
    const asked = picked
      // Of two that differ in what is given or asked below, one is to be called otherwise.
      .filter((field, at) => picked.indexOf(field) === at || leaves.includes(field) || chance.is(0.03))
      .map((field) => this.field(field, depth));
    if (asked.length === 0 || chance.is(0.15)) asked.push('__typename');
    if (chance.is(0.004)) asked.push('noSuchField');
    if (depth === 0 && chance.is(0.01)) asked.push('__schema { queryType { name } }');
    return this.grouped(asked, type);
  }

  /** As it is, or some of it in a fragment of either kind. */
  private grouped(asked: string[], type: GraphQLObjectType): string {
    const { chance } = this;
    const text = asked.join(chance.pick([' ', ', ', '\n  ']));
    if (chance.is(0.85)) return `{ ${text} }`;
    if (chance.is(0.5)) return `{ ... ${chance.is(0.5) ? `on ${type.name} ` : ''}{ ${text} } ${asked[0]} }`;
    const name = `Part${this.fragments.length}`;
    this.fragments.push(`fragment ${name} on ${type.name} { ${text} }`);
    return `{ ...${name} ${chance.is(0.3) ? `...${name}` : ''} }`;
  }

  private field(field: Field, depth: number): string {
    const { chance } = this;
    const alias = chance.is(0.04) ? `${chance.pick(['a', 'b', 'first'])}: ` : '';
    const given = field.args.filter(
      (arg) => (arg.defaultValue === undefined && arg.name !== 'after') || chance.is(0.5),
    );
    const args = given.filter(() => chance.is(0.99)).map((arg) => `${arg.name}: ${this.argument(arg)}`);
    const type = getNamedType(field.type);
    const below = isObjectType(type) ? ` ${this.selection(type, depth + 1)}` : '';
    return `${alias}${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}${this.directive()}${below}`;
  }

  private directive(): string {
    const { chance } = this;
    if (chance.is(0.995)) return '';
    return ` @${chance.pick(['skip', 'include'])}(if: ${chance.pick(['true', 'false', '"yes"'])})`;
  }

  private argument({ name, type }: GraphQLArgument): string {
    const { chance } = this;
    const values = this.values[name];
    if (!values) throw new Error(`values are wanted for the argument ${name}`);
    const value = chance.pick(values);
    if (chance.is(0.5)) return literal(value, chance);
    const variable = `v${this.definitions.length}`;
    const preset = chance.is(0.03) ? ` = ${literal(value, chance)}` : '';
    this.definitions.push(`$${variable}: ${chance.is(0.99) ? String(type) : 'Boolean'}${preset}`);
    if (chance.is(0.98)) this.variables[variable] = value;
    return `$${variable}`;
  }
}

/** A value as it is written in a document: strings now and then in the less usual ways. */
function literal(value: unknown, chance: Chance): string {
  if (typeof value !== 'string' || chance.is(0.98)) return JSON.stringify(value);
  return chance.is(0.5) ? `"""${value}"""` : `"${value}\\u0020"`;
}
