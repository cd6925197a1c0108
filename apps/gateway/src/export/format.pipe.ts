import type { PipeTransform } from '@nestjs/common';
import { Failure } from '#contract';
import { mustBeAlone } from '../edge/value.pipes.js';
import { FORMATS, type FormatName } from './formats.js';

const isFormat = (value: unknown): value is FormatName => typeof value === 'string' && Object.hasOwn(FORMATS, value);

/** The `format` of an export, which is all that its query holds. */
export class FormatPipe implements PipeTransform<Readonly<Record<string, unknown>>, FormatName> {
  transform({ format = 'ndjson', ...others }: Readonly<Record<string, unknown>>): FormatName {
    mustBeAlone(others);
    if (!isFormat(format)) throw Failure.badInput('format', `must be one of ${Object.keys(FORMATS).join(', ')}`);
    return format;
  }
}
