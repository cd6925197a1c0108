import { type Type, applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiResponse, getSchemaPath } from '@nestjs/swagger';

interface AnswerOptions {
  /** One sentence: what the call does. */
  readonly does: string;
  readonly status?: number;
  /** What the answer may hold instead, by noun. */
  readonly or?: Readonly<Record<string, object>>;
}

const holding = (noun: string, schema: object) => ({
  type: 'object',
  required: [noun],
  properties: { [noun]: schema },
});

/** Documents a REST door that answers `{ "<noun>": {…} }`. */
export function Answers(noun: string, type: Type, { does, status = 200, or }: AnswerOptions): MethodDecorator {
  const plain = holding(noun, { $ref: getSchemaPath(type) });
  const others = Object.entries(or ?? {}).map(([other, schema]) => holding(other, schema));
  return applyDecorators(
    ApiExtraModels(type),
    ApiOperation({ summary: does }),
    ApiResponse({
      status,
      description: status === 201 ? 'Done.' : 'The answer.',
      content: { 'application/json': { schema: others.length > 0 ? { oneOf: [plain, ...others] } : plain } },
    }),
  );
}
