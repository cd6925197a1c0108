import { Injectable } from '@nestjs/common';
import { type DocumentNode, type GraphQLSchema, Kind, type OperationDefinitionNode, OperationTypeNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { type Doors, callsOf, doorsOf, fragmentsOf, namesOf } from '../edge/operations.js';
import { type LiftedDocument, liftIn } from './lifting.js';
import { type Lifted, lift } from './literals.js';
import { type FieldPlan, Planner, isCostKnown } from './plan.js';

export type Variables = Readonly<Record<string, unknown>>;

/** An operation that Apollo has validated, ready to be run. */
interface Plan {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fields: readonly FieldPlan[];
  readonly doors: Doors;
  readonly names: string;
  /** How many fields it has. */
  readonly size: number;
  /** Where its strings stand in the text of which it was made. */
  readonly places: LiftedDocument['places'];
  /** The calls at DingTalk that it certainly makes. */
  calls(variables: Variables): number;
}

/** A plan, and what stands in the text that was asked. */
export interface Prepared {
  readonly plan: Plan;
  readonly lifted: Lifted;
}

const MAX_PLANS = 1000;
/** Of all that is kept, about. */
const MAX_BYTES = 16 * 1024 * 1024;
const BYTES_OF_FIELD = 1024;
/** A text that is longer is parsed each time. */
const MAX_TEXT = 10_000;

/** What was asked for once may never be asked for again; what no plan can be made of is not tried again. */
type Known = Plan | 'seen once' | 'unfit';

interface Named {
  readonly text: string;
  readonly operationName?: string | null;
}

/** The operations that are asked for again and again; texts that differ in their strings only are one. */
@Injectable()
export class Plans {
  private readonly known = new LRUCache<string, Known>({
    max: MAX_PLANS,
    maxSize: MAX_BYTES,
    sizeCalculation: (known, key) => 2 * key.length + (typeof known === 'object' ? known.size * BYTES_OF_FIELD : 1),
  });

  find(named: Named): Prepared | undefined {
    const lifted = liftIfShort(named);
    if (!lifted) return undefined;
    const plan = this.known.get(keyOf(named, lifted));
    return typeof plan === 'object' ? { plan, lifted } : undefined;
  }

  /** Is told of each operation that was found to be valid; at the second time a plan is made of it. */
  learn(named: Named, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): void {
    if (operation.operation !== OperationTypeNode.QUERY) return;
    const lifted = liftIfShort(named);
    if (!lifted) return;
    const key = keyOf(named, lifted);
    const known = this.known.get(key);
    if (known === undefined) this.known.set(key, 'seen once');
    if (known === 'seen once') this.known.set(key, planOf(schema, document, operation, lifted) ?? 'unfit');
  }
}

const liftIfShort = ({ text }: Named): Lifted | undefined => (text.length > MAX_TEXT ? undefined : lift(text));

const keyOf = ({ operationName }: Named, { shape }: Lifted): string => `${operationName ?? ''}\n${shape}`;

/** @returns undefined where the operation holds what only graphql-js itself knows to run. */
function planOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  { name }: OperationDefinitionNode,
  lifted: Lifted,
): Plan | undefined {
  const made = liftIn(schema, document, lifted);
  const root = schema.getQueryType();
  if (!made || !root) return undefined;
  const operation = made.document.definitions.find(
    (definition): definition is OperationDefinitionNode =>
      definition.kind === Kind.OPERATION_DEFINITION && definition.name?.value === name?.value,
  );
  if (!operation) return undefined;
  const known = { fragments: fragmentsOf(made.document), variables: {} };
  const doors = doorsOf(operation, known);
  const planner = new Planner(schema, operation, known);
  const fields = planner.plan(root);
  // Whoever asks for nothing but the schema need not show who they are.
  if (!fields || doors.length === 0) return undefined;
  const calls = isCostKnown(fields) ? callsOf(schema, operation, known) : undefined;
  return {
    ...{ schema, operation, fields, doors, names: namesOf(doors), size: planner.size, places: made.places },
    calls: (variables) => calls ?? callsOf(schema, operation, { ...known, variables }),
  };
}
