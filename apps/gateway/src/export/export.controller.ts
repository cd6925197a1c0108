import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Needs, TheCaller } from '#access';
import { DepartmentService, ExportService } from '#contact';
import type { Caller, DepartmentId } from '#contract';
import type { Deadline } from '#telemetry';
import { IdParam } from '../edge/id-param.js';
import { IdPipe } from '../edge/value.pipes.js';
import { AnswersExport } from './answers-export.js';
import { DIRECTORY_FORMATS } from './directory-formats.js';
import { ExportStreams } from './export-streams.service.js';
import { FormatPipe } from './format.pipe.js';
import type { FormatName } from './formats.js';

const NDJSON = [
  '{"department":{"id":"1","name":"星河科技有限公司","parentId":null}}',
  '{"employee":{"userId":"lisi","name":"李四","deptIdList":["1"]}}',
  '{"summary":{"departments":1,"employees":1,"skipped":0}}',
].join('\n');

const CSV = [
  'record,id,name,parentId,deptIdList,…',
  'department,1,星河科技有限公司,,,…',
  'employee,lisi,李四,,1,…',
  'summary,,,,,…',
].join('\n');

@ApiTags('departments')
@Controller('v1/departments')
export class ExportController {
  constructor(
    private readonly departments: DepartmentService,
    private readonly exports: ExportService,
    private readonly streams: ExportStreams,
  ) {}

  @Get(':id/export')
  @Needs('department:read', 'employee:read')
  @IdParam('id', 'department')
  @AnswersExport({
    does: 'All departments below one, with their people, as a stream; the last record has the counts',
    records: '`{"department":{…}}` or `{"employee":{…}}`',
    ndjson: NDJSON,
    csv: CSV,
  })
  async exportDepartment(
    @Param('id', new IdPipe('department')) id: DepartmentId,
    @Query(new FormatPipe()) format: FormatName,
    @TheCaller() caller: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    // Whoever asks for the headers alone hears whether there is such a department.
    if (reply.request.method === 'HEAD') await this.departments.get(id);
    const walk = (gone: Deadline) => this.exports.walk(id, gone);
    await this.streams.answer(walk, {
      caller,
      format: DIRECTORY_FORMATS[format],
      name: `department-${id}.${format}`,
      reply,
    });
  }
}
