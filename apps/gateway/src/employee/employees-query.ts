import { type PipeTransform, applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiQuery, getSchemaPath } from '@nestjs/swagger';
import { Employee } from '#contact';
import { Failure, IDS, type PageRequest, type UnionId } from '#contract';
import { AnswersList } from '../edge/lists.js';
import { PAGE, takePage } from '../edge/page.pipes.js';
import { IdQueryPipe, MAX_SEARCH, SearchPipe, mustBeAlone } from '../edge/value.pipes.js';

type Query = Readonly<Record<string, unknown>>;

/** Either one person by their union id, or those whose name is like that. */
export type EmployeesQuery = { readonly unionId: UnionId } | { readonly query: string; readonly page: PageRequest };

export class EmployeesQueryPipe implements PipeTransform<Query, EmployeesQuery> {
  private readonly byUnionId = new IdQueryPipe('unionId', 'union');
  private readonly bySearch = new SearchPipe();

  transform(asked: Query): EmployeesQuery {
    if (asked['unionId'] !== undefined && asked['query'] !== undefined) {
      throw Failure.badInput('query', 'must not stand beside unionId');
    }
    if (asked['unionId'] !== undefined) return { unionId: this.byUnionId.transform(asked) };
    const { page, others } = takePage(asked, PAGE.search);
    const { query, ...unknown } = others;
    mustBeAlone(unknown);
    if (query === undefined) throw Failure.badInput('query', 'is required, or unionId');
    return { query: this.bySearch.transform(query), page };
  }
}

const { maxLength, pattern } = IDS.union;

/** Documents the door that takes it. */
export const AnswersEmployees = (): MethodDecorator =>
  applyDecorators(
    ApiExtraModels(Employee),
    ApiQuery({
      ...{
        name: 'unionId',
        required: false,
        description: 'The person, across apps; then the answer is one `employee`.',
      },
      schema: { type: 'string', maxLength, pattern: pattern.source },
    }),
    ApiQuery({
      ...{ name: 'query', required: false, description: 'A name, its pinyin or an English name.' },
      schema: { type: 'string', minLength: 1, maxLength: MAX_SEARCH },
    }),
    AnswersList('employees', Employee, {
      does: 'Employees by name, or one by their unionId',
      limit: PAGE.search,
      or: { employee: { $ref: getSchemaPath(Employee) } },
    }),
  );
