import { SetMetadata, UseInterceptors, applyDecorators } from '@nestjs/common';
import { Extensions } from '@nestjs/graphql';
import { ApiHeader } from '@nestjs/swagger';
import { CHANGES, type ChangesWhat } from './changes.js';
import { RecordedInterceptor } from './recorded.interceptor.js';

/** Marks a door through which something at DingTalk is changed: whoever is not let through is in the trail too. */
export const Changes = (kind: ChangesWhat['kind'], where?: string): MethodDecorator => {
  const what: ChangesWhat = { kind, in: where };
  return applyDecorators(
    SetMetadata(CHANGES, what),
    UseInterceptors(RecordedInterceptor),
    Extensions({ changes: what }),
    ApiHeader({
      ...{ name: 'Idempotency-Key', required: false },
      description: 'The change is made once, however often it is asked for with the same key within a day.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    }),
  );
};
