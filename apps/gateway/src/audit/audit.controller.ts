import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Needs, TheCaller } from '#access';
import { AuditEvent, AuditEvents, type AuditFilter } from '#audit';
import type { Caller, PageRequest } from '#contract';
import { AnswersList, answerPage } from '../edge/lists.js';
import { PAGE } from '../edge/page.pipes.js';
import { AnswersExport } from '../export/answers-export.js';
import { ExportStreams } from '../export/export-streams.service.js';
import type { FormatName } from '../export/formats.js';
import { AUDIT_FORMATS, CSV_EXAMPLE, NDJSON_EXAMPLE, toExport } from './audit-export.js';
import { TakesAuditFilter } from './audit-filter.query.js';
import { AuditExportPipe, AuditQueryPipe } from './audit-query.js';

@ApiTags('audit')
@Controller('v1/audit-events')
export class AuditController {
  constructor(
    private readonly events: AuditEvents,
    private readonly streams: ExportStreams,
  ) {}

  @Get()
  @Needs('audit:read')
  @TakesAuditFilter()
  @AnswersList('auditEvents', AuditEvent, {
    does: 'The trail: who changed what, the newest first; to read it is recorded',
    limit: PAGE.auditEvents,
  })
  async auditEvents(
    @Query(new AuditQueryPipe()) { filter, page }: { filter: AuditFilter; page: PageRequest },
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { items, pageInfo } = answerPage(await this.events.page(filter, page), reply);
    return { auditEvents: items, pageInfo };
  }

  @Get('export')
  @Needs('audit:read')
  @TakesAuditFilter()
  @AnswersExport({
    does: 'The trail as a stream, the newest record first; the last one has the count',
    records: '`{"auditEvent":{…}}`',
    ndjson: NDJSON_EXAMPLE,
    csv: CSV_EXAMPLE,
  })
  async exportAuditEvents(
    @Query(new AuditExportPipe()) { filter, format }: { filter: AuditFilter; format: FormatName },
    @TheCaller() caller: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const walk = () => toExport(this.events.all(filter));
    await this.streams.answer(walk, { caller, format: AUDIT_FORMATS[format], name: `audit-events.${format}`, reply });
  }
}
