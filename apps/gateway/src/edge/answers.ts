import { type Type, applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiResponse, getSchemaPath } from '@nestjs/swagger';

interface AnswerOptions {
  /** One sentence: what the call does. */
  readonly does: string;
  readonly status?: number;
  /** Answers 201 with the address of what was created. */
  readonly created?: true;
  /** What the answer may hold instead, by noun. */
  readonly or?: Readonly<Record<string, object>>;
}

/** Where what was created is read. */
export const LOCATION = {
  Location: { description: 'Where it is read.', schema: { type: 'string' as const, maxLength: 256 } },
};

/** The schema of an answer that holds one thing. */
export const holding = (noun: string, schema: object) => ({
  type: 'object',
  required: [noun],
  properties: { [noun]: schema },
});

/** Documents a REST door that answers `{ "<noun>": {…} }`. */
export function Answers(
  noun: string,
  type: Type,
  { does, created, status = created ? 201 : 200, or }: AnswerOptions,
): MethodDecorator {
  const plain = holding(noun, { $ref: getSchemaPath(type) });
  const others = Object.entries(or ?? {}).map(([other, schema]) => holding(other, schema));
  return applyDecorators(
    ApiExtraModels(type),
    ApiOperation({ summary: does }),
    ApiResponse({
      status,
      description: status === 201 ? 'Done.' : 'The answer.',
      ...(created && { headers: LOCATION }),
      content: { 'application/json': { schema: others.length > 0 ? { oneOf: [plain, ...others] } : plain } },
    }),
  );
}
