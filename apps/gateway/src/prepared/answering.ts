import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { ApolloServerErrorCode } from '@apollo/server/errors';
import { Logger } from '#telemetry';
import { FieldFigures } from '../edge/field-figures.plugin.js';
import { formatErrorWith } from '../edge/graphql-errors.js';
import type { Doors } from '../edge/operations.js';
import { locate } from './lifting.js';
import type { Prepared } from './plans.js';

interface Result {
  readonly errors: readonly GraphQLError[];
  /** Absent where nothing was run. */
  readonly data?: unknown;
}

interface Of extends Prepared {
  readonly text: string;
  /** Unknown where it is not known who asks. */
  readonly doors?: Doors;
  readonly contentType: string;
}

interface Head {
  readonly status?: number;
  readonly headers?: ReadonlyMap<string, string>;
}

/** Tells results as Apollo does. */
@Injectable()
export class Answering {
  private readonly format: ReturnType<typeof formatErrorWith>;

  constructor(
    logger: Logger,
    private readonly figures: FieldFigures,
  ) {
    this.format = formatErrorWith(logger);
  }

  send({ errors, data }: Result, of: Of, reply: FastifyReply): void {
    const told = errors.map((error) => this.tell(error, of, reply));
    if (of.doors) this.figures.count('plan', of.doors, told);
    void reply
      .header('content-type', of.contentType)
      .send(`${JSON.stringify({ errors: told.length > 0 ? told : undefined, data })}\n`);
  }

  private tell(error: GraphQLError, of: Of, reply: FastifyReply): GraphQLFormattedError {
    const { http, ...extensions } = error.extensions as { readonly http?: Head };
    if (http?.status !== undefined) void reply.status(http.status);
    for (const [name, value] of http?.headers ?? []) void reply.header(name, value);
    const code = extensions['code' as never] ?? ApolloServerErrorCode.INTERNAL_SERVER_ERROR;
    const places = error.nodes?.flatMap(({ loc }) =>
      loc ? [locate(of.text, loc.start, of.plan.places, of.lifted)] : [],
    );
    const told = { ...error.toJSON(), ...(places && { locations: places }), extensions: { ...extensions, code } };
    return this.format(told, error);
  }
}
