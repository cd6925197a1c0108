import { ApiParam } from '@nestjs/swagger';
import { IDS, type IdName } from '#contract';

/** Documents an id in a path. */
export const IdParam = (param: string, name: IdName): MethodDecorator =>
  ApiParam({
    name: param,
    schema: {
      type: 'string',
      example: IDS[name].example,
      maxLength: IDS[name].maxLength,
      pattern: IDS[name].pattern.source,
    },
  });
