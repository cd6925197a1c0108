import { GraphQLError, defaultFieldResolver, getArgumentValues, locatedError } from 'graphql';
import { isPromise } from '#contract';
import type { FieldPlan, Shape } from './plan.js';

/** Where a value stands in the answer. */
interface Path {
  readonly prev: Path | undefined;
  readonly key: string | number;
  readonly typename: string | undefined;
}

type Answer = Record<string, unknown>;

function placesOf(path: Path): (string | number)[] {
  const places: (string | number)[] = [];
  for (let at: Path | undefined = path; at; at = at.prev) places.unshift(at.key);
  return places;
}

/** One run of a plan. It answers what `execute` of graphql-js does, step by step, and looks up nothing that the plan knows. */
export class Execution {
  readonly errors: GraphQLError[] = [];
  /** Where fields became null: what fails below is told no more. */
  private readonly nulled = new Set<Path | undefined>();

  constructor(
    private readonly context: unknown,
    private readonly variables: Readonly<Record<string, unknown>>,
  ) {}

  async run(fields: readonly FieldPlan[]): Promise<Answer | null> {
    try {
      return await this.answer(fields, undefined, undefined);
    } catch (error) {
      // Whoever cannot be null and is: there is nothing left to tell.
      this.note(error as GraphQLError, undefined);
      return null;
    }
  }

  private answer(fields: readonly FieldPlan[], source: unknown, path: Path | undefined): Answer | Promise<Answer> {
    const answer: Answer = {};
    let waiting: Waiting[] | undefined;
    try {
      for (const plan of fields) {
        const value = plan.isPlain ? this.plain(plan, source as Answer, path) : this.field(plan, source, path);
        answer[plan.name] = value;
        if (isPromise(value)) (waiting ??= []).push({ name: plan.name, value });
      }
    } catch (error) {
      if (!waiting) throw error;
      // The others may fail too, and somebody has to listen.
      return settled(answer, waiting).finally(() => {
        throw error;
      });
    }
    return waiting ? settled(answer, waiting) : answer;
  }

  /** What stands in the record as it is told. */
  private plain(plan: FieldPlan, source: Answer, prev: Path | undefined): unknown {
    const value = source[plan.field.name];
    if (value === null || value === undefined)
      return plan.shape.is === 'required' ? this.field(plan, source, prev) : null;
    if (typeof value === plan.asIs) return value;
    return this.field(plan, source, prev);
  }

  private field(plan: FieldPlan, source: unknown, prev: Path | undefined): unknown {
    const path = { prev, key: plan.name, typename: plan.parent.name };
    try {
      const value = this.resolve(plan, source, path);
      const completed = isPromise(value)
        ? value.then((resolved) => this.complete(plan.shape, resolved, plan, path))
        : this.complete(plan.shape, value, plan, path);
      if (!isPromise(completed)) return completed;
      return completed.then(undefined, (error: unknown) => this.fail(error, plan, plan.shape, path));
    } catch (error) {
      return this.fail(error, plan, plan.shape, path);
    }
  }

  private resolve({ field, nodes, args, info }: FieldPlan, source: unknown, path: Path): unknown {
    const { context, variables } = this;
    const given = args ? { ...args } : getArgumentValues(field, nodes[0] as (typeof nodes)[number], variables);
    const { resolve = defaultFieldResolver } = field;
    return resolve(source, given, context, { ...info, path, variableValues: variables });
  }

  private complete(shape: Shape, value: unknown, plan: FieldPlan, path: Path): unknown {
    if (value instanceof Error) throw value;
    if (shape.is === 'required') {
      const completed = this.complete(shape.of, value, plan, path);
      if (completed !== null) return completed;
      throw new Error(`Cannot return null for non-nullable field ${plan.parent.name}.${plan.field.name}.`);
    }
    if (value === null || value === undefined) return null;
    if (shape.is === 'object') return this.answer(shape.fields, value, path);
    if (shape.is === 'list') return this.list(shape.of, value, plan, path);
    const told: unknown = shape.type.serialize(value);
    if (told === null || told === undefined) throw new Error(`${shape.type.name} told nothing of a value`);
    return told;
  }

  private list(of: Shape, value: unknown, plan: FieldPlan, prev: Path): unknown {
    if (typeof value !== 'object' || !value || !(Symbol.iterator in value)) {
      const { parent, field } = plan;
      throw new GraphQLError(`Expected Iterable, but did not find one for field "${parent.name}.${field.name}".`);
    }
    let isWaiting = false;
    const items = Array.from(value as Iterable<unknown>, (item, key) => {
      const completed = this.item(of, item, plan, { prev, key, typename: undefined });
      isWaiting ||= isPromise(completed);
      return completed;
    });
    return isWaiting ? Promise.all(items) : items;
  }

  private item(of: Shape, item: unknown, plan: FieldPlan, path: Path): unknown {
    try {
      const completed = isPromise(item)
        ? item.then((resolved) => this.complete(of, resolved, plan, path))
        : this.complete(of, item, plan, path);
      if (!isPromise(completed)) return completed;
      return completed.then(undefined, (error: unknown) => this.fail(error, plan, of, path));
    } catch (error) {
      return this.fail(error, plan, of, path);
    }
  }

  /** What may be null is; else whatever it stands in has to be. */
  private fail(thrown: unknown, { nodes }: FieldPlan, { is }: Shape, path: Path): null {
    const error = locatedError(thrown, nodes, placesOf(path));
    if (is === 'required') throw error;
    this.note(error, path);
    return null;
  }

  private note(error: GraphQLError, path: Path | undefined): void {
    for (let at = path; at; at = at.prev) if (this.nulled.has(at)) return;
    if (this.nulled.has(undefined)) return;
    this.nulled.add(path);
    this.errors.push(error);
  }
}

interface Waiting {
  readonly name: string;
  readonly value: Promise<unknown>;
}

/** The answer, when all that it waits for stands in it. */
function settled(answer: Answer, waiting: readonly Waiting[]): Promise<Answer> {
  const [first] = waiting;
  if (first && waiting.length === 1) return first.value.then((value) => put(answer, first.name, value));
  return Promise.all(waiting.map(({ name, value }) => value.then((told) => put(answer, name, told)))).then(
    () => answer,
  );
}

function put(answer: Answer, name: string, value: unknown): Answer {
  answer[name] = value;
  return answer;
}
