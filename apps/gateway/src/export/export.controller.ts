import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Needs, TheCaller } from '#access';
import { DepartmentService } from '#contact';
import type { Caller, DepartmentId } from '#contract';
import { IdParam } from '../edge/id-param.js';
import { IdPipe } from '../edge/value.pipes.js';
import { ExportStreams } from './export-streams.service.js';
import { FormatPipe } from './format.pipe.js';
import { FORMATS, type FormatName } from './formats.js';

/** Text without a bound: `binary` has generated clients read it as a stream. */
const lines = (description: string, example: string) => ({
  schema: { type: 'string' as const, format: 'binary', description },
  example,
});

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
    private readonly exports: ExportStreams,
  ) {}

  @Get(':id/export')
  @Needs('department:read', 'employee:read')
  @IdParam('id', 'department')
  @ApiOperation({
    summary: 'All departments below one, with their people, as a stream; the last record has the counts',
  })
  @ApiQuery({
    ...{ name: 'format', required: false, description: '`ndjson` by default.' },
    schema: { type: 'string', enum: Object.keys(FORMATS), default: 'ndjson' },
  })
  @ApiResponse({
    status: 200,
    description: 'The stream. It breaks off where DingTalk fails: one without its `summary` is not whole.',
    content: {
      'application/x-ndjson': lines(
        'A `{"department":{…}}` or `{"employee":{…}}` a line, at last `{"summary":{…}}`.',
        NDJSON,
      ),
      'text/csv': lines('A row a record, which its first column names; at last `summary`.', CSV),
    },
  })
  async exportDepartment(
    @Param('id', new IdPipe('department')) id: DepartmentId,
    @Query(new FormatPipe()) format: FormatName,
    @TheCaller() caller: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    // Whoever asks for the headers alone is not to keep DingTalk busy.
    const isHead = reply.request.method === 'HEAD';
    if (isHead) await this.departments.get(id);
    const stream = isHead ? undefined : await this.exports.open(id, { caller, format: FORMATS[format], reply });
    await reply
      .type(FORMATS[format].type)
      .header('content-disposition', `attachment; filename="department-${id}.${format}"`)
      .send(stream);
  }
}
