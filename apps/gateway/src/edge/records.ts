import DataLoader from 'dataloader';
import { type Department, type DepartmentService, type Employee, type EmployeeService, isNotFound } from '#contact';
import { type DepartmentId, Failure, type UserId, isObject } from '#contract';

/** Each by its own; a failure is of the one that it is about. */
const loader = <Id extends string, Item>(read: (id: Id) => Promise<Item>): DataLoader<Id, Item> =>
  new DataLoader((ids) => Promise.all(ids.map((id) => read(id).catch((error: unknown) => error as Error))));

/** However few calls it takes to read them: an answer that leads round and round grows tenfold with each round. */
const MOST_RECORDS = 10_000;

/** The departments and employees of one operation, each read once. */
export class Records {
  private told = 0;
  readonly departments: DataLoader<DepartmentId, Department>;
  readonly employees: DataLoader<UserId, Employee>;

  constructor(departments: DepartmentService, employees: EmployeeService) {
    this.departments = loader((id) => departments.get(id));
    this.employees = loader((userId) => employees.get(userId));
  }

  /** Counts what a field leads to: a record, a list of records, or a page of them. */
  count(found: unknown): void {
    const records = isObject(found) && Array.isArray(found['edges']) ? found['edges'] : found;
    this.told += Array.isArray(records) ? records.length : 1;
    if (this.told > MOST_RECORDS) {
      throw Failure.badInput(
        'query',
        `leads to more than ${MOST_RECORDS} departments and employees: ask for less at once`,
      );
    }
  }

  /** After a change they are read again. */
  clear(): void {
    this.departments.clearAll();
    this.employees.clearAll();
  }
}

/** Of several those that are there: DingTalk's lists name departments and people that are gone, or were never there. */
export async function thoseThere<Id extends string, Item>(
  loader: DataLoader<Id, Item>,
  ids: readonly Id[],
): Promise<Item[]> {
  const items = await loader.loadMany(ids);
  const failed = items.find((item) => item instanceof Error && !isNotFound(item));
  if (failed) throw failed as Error;
  return items.filter((item): item is Item => !(item instanceof Error));
}
