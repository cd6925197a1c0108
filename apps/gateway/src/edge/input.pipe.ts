import { type ArgumentMetadata, Injectable, type PipeTransform, type Type } from '@nestjs/common';
import { type ValidationError, validate } from 'class-validator';
import { Failure, type FieldFault, type Soon, isObject, toInstance } from '#contract';
import { isRight } from './plain-checks.js';

const MAX_FAULTS = 20;
const MAX_NAME = 64;

const PLAIN: ReadonlySet<unknown> = new Set([String, Number, Boolean, Array, Object, undefined]);

/** Checks every body and every GraphQL input that has a shape; what the shape does not know is refused. */
@Injectable()
export class InputPipe implements PipeTransform {
  transform(value: unknown, { metatype, type, data }: ArgumentMetadata): unknown {
    if (type === 'custom' || PLAIN.has(metatype)) return value;
    return this.check(value, metatype as Type<object>, data);
  }

  private check(value: unknown, metatype: Type<object>, data: string | undefined): Soon<object> {
    if (!isObject(value)) {
      throw Failure.badInput(data ?? 'body', 'must be a JSON object');
    }
    const input = toInstance(metatype, value, data);
    return isRight(input) ? input : this.explain(input, data);
  }

  private async explain(input: object, data: string | undefined): Promise<object> {
    const errors = await validate(input, {
      whitelist: true,
      forbidNonWhitelisted: true,
      stopAtFirstError: true,
      validationError: { target: false, value: false },
    });
    const fields = errors.flatMap((error) => faultsOf(error, data)).slice(0, MAX_FAULTS);
    if (fields.length > 0) throw badFields(fields);
    return input;
  }
}

function faultsOf({ property, constraints = {}, children = [] }: ValidationError, parent?: string): FieldFault[] {
  const field = [parent, property.slice(0, MAX_NAME)].filter(Boolean).join('.');
  const own = Object.entries(constraints).map(([rule, message]) => ({
    field,
    message: rule === 'whitelistValidation' ? 'is not known here' : message,
  }));
  return [...own, ...children.flatMap((child) => faultsOf(child, field))];
}

const badFields = (fields: readonly FieldFault[]): Failure =>
  new Failure('BAD_INPUT', fields.map(({ field, message }) => `${field}: ${message}`).join('; '), { fields });
