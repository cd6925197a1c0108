import { ApolloServerErrorCode } from '@apollo/server/errors';
import { type DocumentNode, GraphQLError, Kind, type SelectionSetNode, parse, visit } from 'graphql';
import { LRUCache } from 'lru-cache';

export const MAX_TOKENS = 2000;
const MAX_DEPTH = 15;
/** Of each: aliases, directives, fragments that are defined or spread, and fields that stand once more where they stood. */
const MOST = 50;

const MAX_KNOWN = 2000;
const MAX_KNOWN_BYTES = 2 * 1024 * 1024;

/** Levels of fields, those of fragments included. A fragment that leads to itself is told by the rules of GraphQL. */
function depthOf(document: DocumentNode): number {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition.selectionSet);
  }
  const known = new Map<SelectionSetNode, number>();
  const levels = (set: SelectionSetNode | undefined): number => {
    if (!set) return 0;
    const told = known.get(set);
    if (told !== undefined) return told;
    // Until it is known; also what ends a circle.
    known.set(set, 0);
    let most = 0;
    for (const node of set.selections) {
      const inner = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node.selectionSet;
      most = Math.max(most, levels(inner) + (node.kind === Kind.FIELD ? 1 : 0));
    }
    known.set(set, most);
    return most;
  };
  return Math.max(
    ...document.definitions.map((node) => levels('selectionSet' in node ? node.selectionSet : undefined)),
  );
}

function repeatedIn({ selections }: SelectionSetNode): number {
  const names = selections.flatMap((node) => (node.kind === Kind.FIELD ? [(node.alias ?? node.name).value] : []));
  return names.length - new Set(names).size;
}

/** What the document has more of than it may, in one word. */
function excessOf(document: DocumentNode): string | undefined {
  const counts = { aliases: 0, directives: 0, fragments: 0, 'fragment spreads': 0, 'repeated fields': 0 };
  visit(document, {
    Field: ({ alias }) => void (counts.aliases += alias ? 1 : 0),
    SelectionSet: (set) => void (counts['repeated fields'] += repeatedIn(set)),
    Directive: () => void (counts.directives += 1),
    FragmentDefinition: () => void (counts.fragments += 1),
    FragmentSpread: () => void (counts['fragment spreads'] += 1),
    InlineFragment: () => void (counts['fragment spreads'] += 1),
  });
  const [excess] = Object.entries(counts).find(([, count]) => count > MOST) ?? [];
  if (excess) return `has more than ${MOST} ${excess}`;
  return depthOf(document) > MAX_DEPTH ? `nests deeper than ${MAX_DEPTH} levels` : undefined;
}

const known = new LRUCache<string, true>({
  max: MAX_KNOWN,
  maxSize: MAX_KNOWN_BYTES,
  sizeCalculation: (_, text) => 2 * text.length + 100,
});

/**
 * Holds a document against its limits before its validation, which takes ever longer the more there is to compare.
 * @throws GraphQLError GRAPHQL_VALIDATION_FAILED; one that cannot be parsed is left to whoever parses it.
 */
export function mustBeWithinLimits(text: string): void {
  if (known.has(text)) return;
  let document: DocumentNode;
  try {
    document = parse(text, { maxTokens: MAX_TOKENS, noLocation: true });
  } catch {
    return;
  }
  const excess = excessOf(document);
  if (excess) {
    const extensions = { code: ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED, http: { status: 400 } };
    throw new GraphQLError(`The document ${excess}.`, { extensions });
  }
  known.set(text, true);
}
