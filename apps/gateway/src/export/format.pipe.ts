import type { PipeTransform } from '@nestjs/common';
import { Failure } from '#contract';
import { mustBeAlone } from '../edge/value.pipes.js';
import { FORMAT_NAMES, type FormatName } from './formats.js';

type Query = Readonly<Record<string, unknown>>;

/** The `format` of an export, and what its query holds besides. */
export function takeFormat({ format = 'ndjson', ...others }: Query): { format: FormatName; others: Query } {
  const known = FORMAT_NAMES.find((name) => name === format);
  if (!known) throw Failure.badInput('format', `must be one of ${FORMAT_NAMES.join(', ')}`);
  return { format: known, others };
}

/** The `format` of an export, which is all that its query holds. */
export class FormatPipe implements PipeTransform<Query, FormatName> {
  transform(query: Query): FormatName {
    const { format, others } = takeFormat(query);
    mustBeAlone(others);
    return format;
  }
}
