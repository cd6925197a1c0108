import { Args, Int, Query, Resolver } from '@nestjs/graphql';
import { Needs } from '#access';
import { AuditEvent, AuditEventConnection, AuditEvents, AuditFilter } from '#audit';
import { AfterPipe, FirstPipe, PAGE, pageFrom } from '../edge/page.pipes.js';
import { AuditFilterPipe } from './audit-query.js';

@Resolver(() => AuditEvent)
export class AuditResolver {
  constructor(private readonly events: AuditEvents) {}

  @Query(() => AuditEventConnection, {
    description: 'The trail: who changed what, the newest first. To read it is recorded. Needs `audit:read`.',
  })
  @Needs('audit:read')
  async auditEvents(
    @Args('filter', { type: () => AuditFilter, nullable: true }, new AuditFilterPipe()) filter: AuditFilter | undefined,
    @Args('first', { type: () => Int, defaultValue: PAGE.auditEvents, nullable: true }, new FirstPipe(PAGE.auditEvents))
    first: number,
    @Args('after', { type: () => String, nullable: true }, new AfterPipe()) after?: string,
  ): Promise<AuditEventConnection> {
    const { edges, pageInfo } = await this.events.page(filter ?? {}, pageFrom(first, after));
    return { edges: [...edges], nodes: edges.map(({ node }) => node), pageInfo };
  }
}
