import { Injectable } from '@nestjs/common';
import { Settings } from '#config';
import type { DepartmentId, UserId } from '#contract';
import { DingTalkClient } from '#dingtalk';
import { Deadline, type Turn, currentRequest, runInRequest } from '#telemetry';
import { getDepartment, listChildren } from '../department/department.endpoints.js';
import { type ListedDepartment, listedOf } from '../department/department.model.js';
import { listMembers } from '../employee/employee.endpoints.js';
import type { ListedEmployee } from '../employee/employee.model.js';
import { type Slice, mustGoOn } from '../paging.js';
import { isNotFound } from '../settle.js';

/** What was exported, told last: an export without it is not whole. */
interface ExportSummary {
  readonly departments: number;
  readonly employees: number;
  /** Departments that were gone when they were to be read, or are none of the organisation's own. */
  readonly skipped: number;
}

export type ExportRecord =
  | { readonly department: ListedDepartment }
  | { readonly employee: ListedEmployee }
  | { readonly summary: ExportSummary };

/** Departments that are read at the same time. DingTalk takes three calls of an API at once, and not six. */
const AT_ONCE = 3;
const PAGE = 100;

/** A department with what lies below it and the first of its people; undefined where it is gone. */
type Read = { readonly children: readonly ListedDepartment[]; readonly members: Slice<ListedEmployee> } | undefined;

/** Walks the departments below one, with their people: one call a department, one a page of its people. */
@Injectable()
export class ExportService {
  constructor(
    private readonly settings: Settings,
    private readonly dingtalk: DingTalkClient,
  ) {}

  /**
   * Everything below a department, itself first; each person once, however many of the departments they are in. What is
   * held at any time is the tree, a few pages of people, and the ids of those who are in several departments.
   * Each call has the deadline of a request, the whole has none.
   * @param gone ends it at once.
   */
  async *walk(id: DepartmentId, gone: Deadline): AsyncGenerator<ExportRecord[], void, undefined> {
    const ask = this.asking(gone);
    const top = listedOf(await ask(() => this.dingtalk.send(getDepartment, { id })));
    const [waiting, found, told] = [[top], new Set([id]), new Set<UserId>()];
    const count = { departments: 0, employees: 0, skipped: 0 };
    const running: { department: ListedDepartment; read: Promise<Read> }[] = [];
    for (;;) {
      for (const department of waiting.splice(0, AT_ONCE - running.length)) {
        const read = ask(() => this.read(department.id));
        // Whoever waits for it hears of its failure; until then it is nobody's.
        read.catch(() => undefined);
        running.push({ department, read });
      }
      const next = running.shift();
      if (!next) break;
      const read = await next.read;
      if (!read) {
        count.skipped += 1;
        continue;
      }
      // A department that is told twice is read once.
      for (const child of read.children) {
        if (!found.has(child.id)) waiting.push(child);
        found.add(child.id);
      }
      count.departments += 1;
      yield [{ department: next.department }];
      for await (const page of this.pages(next.department.id, read.members, ask)) {
        const people = page.filter((employee) => isFirst(employee, told));
        count.employees += people.length;
        yield people.map((employee) => ({ employee }));
      }
    }
    yield [{ summary: count }];
  }

  private async read(id: DepartmentId): Promise<Read> {
    try {
      const [children, members] = await Promise.all([
        this.dingtalk.send(listChildren, { id }),
        this.dingtalk.send(listMembers, { deptId: id, start: 0, size: PAGE }),
      ]);
      return { children, members };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  private async *pages(deptId: DepartmentId, first: Slice<ListedEmployee>, ask: Ask) {
    let start = 0;
    for (let slice = first; ;) {
      mustGoOn(slice, start);
      yield slice.items;
      if (slice.next === null) return;
      start = slice.next;
      slice = await ask(() => this.dingtalk.send(listMembers, { deptId, start, size: PAGE }));
    }
  }

  /** Each call by itself has the deadline of a request, is not counted, and lets those of people go first. */
  private asking(gone: Deadline): Ask {
    const { requestId = 'none', caller, turn } = currentRequest() ?? {};
    const own: Turn = { name: turn?.name ?? 'export', rank: 'batch' };
    return (work) => {
      const deadline = new Deadline(this.settings.dingtalk.timeoutMs, gone);
      return runInRequest({ requestId, caller, deadline, turn: own }, work).finally(() => deadline.close());
    };
  }
}

/** Whether somebody is told for the first time. Only those in several departments have to be remembered. */
function isFirst({ userId, deptIdList }: ListedEmployee, told: Set<UserId>): boolean {
  if (told.has(userId)) return false;
  if (deptIdList.length > 1) told.add(userId);
  return true;
}

type Ask = <Result>(work: () => Promise<Result>) => Promise<Result>;
