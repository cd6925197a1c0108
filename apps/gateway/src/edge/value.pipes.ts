import { type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { Failure, IDS, type IdName, isId } from '#contract';

/** An id in a path or an argument. */
export class IdPipe implements PipeTransform<unknown, string> {
  constructor(private readonly name: IdName) {}

  transform(value: unknown, { data = 'id' }: ArgumentMetadata): string {
    if (!isId(this.name, value)) throw Failure.badInput(data, IDS[this.name].rule);
    return value;
  }
}

/** `true` or `false` in a query; absent is false. */
export class FlagPipe implements PipeTransform<unknown, boolean> {
  transform(value: unknown, { data = 'flag' }: ArgumentMetadata): boolean {
    if (value === undefined || value === 'false' || value === false) return false;
    if (value === 'true' || value === true) return true;
    throw Failure.badInput(data, 'must be true or false');
  }
}
