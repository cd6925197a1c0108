import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { AuditFilter } from '#audit';
import type { PageRequest } from '#contract';
import { InputPipe } from '../edge/input.pipe.js';
import { PAGE, takePage } from '../edge/page.pipes.js';
import { takeFormat } from '../export/format.pipe.js';
import type { FormatName } from '../export/formats.js';

type Query = Readonly<Record<string, unknown>>;

const inputs = new InputPipe();

const toFilter = (value: unknown, data?: string): Promise<AuditFilter> =>
  inputs.transform(value, { metatype: AuditFilter, type: 'body', data }) as Promise<AuditFilter>;

/** The `filter` of GraphQL; Relay sends null for what it leaves out. */
export class AuditFilterPipe implements PipeTransform<unknown, Promise<AuditFilter>> {
  async transform(value: unknown, { data }: ArgumentMetadata): Promise<AuditFilter> {
    return value === undefined || value === null ? {} : toFilter(value, data);
  }
}

/** A filter and a page, as the query of a REST list. */
export class AuditQueryPipe implements PipeTransform<Query> {
  async transform(query: Query): Promise<{ filter: AuditFilter; page: PageRequest }> {
    const { page, others } = takePage(query, PAGE.auditEvents);
    return { filter: await toFilter(others), page };
  }
}

/** A filter and a format, as the query of an export. */
export class AuditExportPipe implements PipeTransform<Query> {
  async transform(query: Query): Promise<{ filter: AuditFilter; format: FormatName }> {
    const { format, others } = takeFormat(query);
    return { filter: await toFilter(others), format };
  }
}
