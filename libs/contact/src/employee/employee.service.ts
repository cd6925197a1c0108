import { Injectable } from '@nestjs/common';
import { Settings } from '#config';
import { type DepartmentId, Failure, type Page, type PageRequest, type UnionId, type UserId } from '#contract';
import { DingTalkClient, Reads } from '#dingtalk';
import { pageOf } from '../paging.js';
import { isNotFound } from '../settle.js';
import { getEmployee, getMembership, identifyInApp, listMembers, searchUserIds } from './employee.endpoints.js';
import type { Employee, ListedEmployee } from './employee.model.js';

/** An employee of whom it is known who they are across apps, and whether they administer the organisation. */
type Member = Employee & { readonly unionId: UnionId; readonly admin: boolean };

const noSuchEmployee = (): Failure => new Failure('NOT_FOUND', 'There is no such employee in the organisation.');

/** Reads employees, and tells who is one. */
@Injectable()
export class EmployeeService {
  constructor(
    private readonly settings: Settings,
    private readonly dingtalk: DingTalkClient,
    private readonly reads: Reads,
  ) {}

  /** The organisation's record of a person. */
  get(userId: UserId): Promise<Employee> {
    return this.reads.read(getEmployee, { userId });
  }

  /** The same, of whom only the union id is known. */
  async getByUnionId(unionId: UnionId): Promise<Employee> {
    const { userId, external } = await this.reads.read(getMembership, { unionId });
    if (external) throw noSuchEmployee();
    return this.get(userId);
  }

  /** Those right in a department, as far as DingTalk's list tells them. */
  members(deptId: DepartmentId, page: PageRequest): Promise<Page<ListedEmployee>> {
    const read = (start: number, size: number) => this.reads.read(listMembers, { deptId, start, size });
    return pageOf({ name: `members ${deptId}`, cursorKey: this.settings.reads.cursorKey, read }, page);
  }

  /** Those whose name is like that, by their userIds, which is all that DingTalk's search tells. */
  search(query: string, page: PageRequest): Promise<Page<UserId>> {
    const read = (start: number, size: number) => this.reads.read(searchUserIds, { query, start, size });
    const { cursorKey } = this.settings.reads;
    return pageOf({ name: `search ${query}`, cursorKey, isCounted: true, read }, page);
  }

  /** The same with their records; a page may hold fewer than asked for, so that it needs no more calls than it may make. */
  async searchRecords(query: string, page: PageRequest): Promise<Page<Employee>> {
    const most = Math.max(1, this.settings.dingtalk.callsMax - 1);
    const { edges, pageInfo } = await this.search(query, { ...page, first: Math.min(page.first, most) });
    const found = await Promise.all(
      edges.map(async ({ node, cursor }) => {
        const employee = await this.getIfThere(node);
        return employee ? [{ node: employee, cursor }] : [];
      }),
    );
    return { edges: found.flat(), pageInfo };
  }

  /** Undefined for somebody who has left meanwhile. */
  async getIfThere(userId: UserId): Promise<Employee | undefined> {
    return this.get(userId).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
  }

  /**
   * The employee who opened a page inside DingTalk.
   * @throws Failure UNAUTHENTICATED for a bad, used or ended code, FORBIDDEN for a stranger and an external contact.
   */
  async memberInApp(authCode: string): Promise<Member> {
    const { unionId } = await this.dingtalk.send(identifyInApp, { authCode });
    return this.member(unionId);
  }

  /**
   * Who may come in: DingTalk is asked, whatever is remembered.
   * @throws Failure FORBIDDEN for a stranger and for an external contact.
   */
  async member(unionId: UnionId): Promise<Member> {
    try {
      const { userId, external } = await this.dingtalk.send(getMembership, { unionId });
      if (!external) {
        const employee = await this.dingtalk.send(getEmployee, { userId });
        return { ...employee, unionId, admin: employee.admin ?? false };
      }
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    throw new Failure('FORBIDDEN', 'This person is not an employee of the organisation that the gateway serves.');
  }

  /** @throws Failure BAD_INPUT at that field, for a userId that nobody in the organisation has. */
  async mustExist(userId: UserId, field: string): Promise<void> {
    try {
      await this.reads.readAnew(getEmployee, { userId });
    } catch (error) {
      throw isNotFound(error) ? Failure.badInput(field, 'is not an employee of the organisation') : error;
    }
  }
}
