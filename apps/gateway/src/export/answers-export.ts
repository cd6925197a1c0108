import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { FORMAT_NAMES } from './formats.js';

interface ExportAnswer {
  /** One sentence: what the call does. */
  readonly does: string;
  /** What a line of NDJSON holds. */
  readonly records: string;
  readonly ndjson: string;
  readonly csv: string;
}

/** Text without a bound: `binary` has generated clients read it as a stream. */
const lines = (description: string, example: string) => ({
  schema: { type: 'string' as const, format: 'binary', description },
  example,
});

/** Documents a REST door that answers with an export. */
export const AnswersExport = ({ does, records, ndjson, csv }: ExportAnswer): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: does }),
    ApiQuery({
      ...{ name: 'format', required: false, description: '`ndjson` by default.' },
      schema: { type: 'string', enum: [...FORMAT_NAMES], default: 'ndjson' },
    }),
    ApiResponse({
      status: 200,
      description: 'The stream. It breaks off where something fails: one without its `summary` is not whole.',
      content: {
        'application/x-ndjson': lines(`A ${records} a line, at last \`{"summary":{…}}\`.`, ndjson),
        'text/csv': lines('A row a record, which its first column names; at last `summary`.', csv),
      },
    }),
  );
