/** A department as DingTalk keeps it; every field of the documents that was ever set. */
export interface DepartmentRecord {
  dept_id: number;
  parent_id?: number;
  name: string;
  order: number;
  [field: string]: unknown;
}

/** A DingTalk account. It is an employee where it has a userid, an external contact where it says so. */
export interface Person {
  readonly unionId: string;
  readonly openId: string;
  readonly nick: string;
  readonly mobile: string;
  readonly email?: string;
  readonly avatarUrl?: string;
  readonly userid?: string;
  readonly external?: boolean;
  readonly name: string;
  readonly title: string;
  readonly admin: boolean;
  readonly hired: number;
  departments: number[];
  /** Whom they report to. */
  manager?: string;
  /** Fields that callers have set since, as DingTalk spells them. */
  fields?: Readonly<Record<string, unknown>>;
  /** The same that lists do not tell. */
  record?: Readonly<Record<string, unknown>>;
}

export const ROOT = 1;
export const CORP_ID = 'dingsandbox8f3a51c2';

/** What lies outside the contact scope of the app. */
export interface OutOfScope {
  departments: readonly number[];
  people: readonly string[];
}

/** Everything that the small DingTalk knows. */
export class World {
  readonly departments = new Map<number, DepartmentRecord>();
  outOfScope: OutOfScope = { departments: [], people: [] };
  private readonly byUnion = new Map<unknown, Person>();
  private readonly byUser = new Map<unknown, Person>();
  private nextId = 1_100_000_000;

  get people(): Person[] {
    return [...this.byUnion.values()];
  }

  employees(): Person[] {
    return this.people.filter(({ userid, external }) => userid !== undefined && !external);
  }

  byUserId(userid: unknown): Person | undefined {
    const person = this.byUser.get(userid);
    return person?.userid === undefined ? undefined : person;
  }

  byUnionId(unionId: unknown): Person | undefined {
    return this.byUnion.get(unionId);
  }

  /** An id that no department has had. */
  newId(): number {
    this.nextId += 1;
    return this.nextId;
  }

  addPerson(person: Person): void {
    this.byUnion.set(person.unionId, person);
    if (person.userid !== undefined) this.byUser.set(person.userid, person);
  }

  removePerson(person: Person): void {
    this.byUnion.delete(person.unionId);
    this.byUser.delete(person.userid);
    for (const department of this.departments.values()) {
      const managers = (department['dept_manager_userid_list'] ?? []) as string[];
      department['dept_manager_userid_list'] = managers.filter((userid) => userid !== person.userid);
    }
  }

  addDepartment(told: DepartmentRecord): void {
    this.departments.set(told.dept_id, {
      create_dept_group: false,
      auto_add_user: false,
      auto_approve_apply: false,
      from_union_org: false,
      group_contain_sub_dept: false,
      hide_dept: false,
      outer_dept: false,
      outer_dept_only_self: false,
      ...told,
    });
  }

  below(id: number): DepartmentRecord[] {
    return [...this.departments.values()]
      .filter(({ parent_id }) => parent_id === id)
      .sort((one, other) => one.order - other.order);
  }

  /** The department and all that it lies in, up to the root. */
  pathOf(id: number): number[] {
    const parent = this.departments.get(id)?.parent_id;
    return parent === undefined ? [id] : [id, ...this.pathOf(parent)];
  }

  members(id: number): Person[] {
    return this.people.filter(({ departments }) => departments.includes(id));
  }

  countBelow(id: number): number {
    const subtree = new Set([...this.departments.keys()].filter((other) => this.pathOf(other).includes(id)));
    return this.employees().filter(({ departments }) => departments.some((dept) => subtree.has(dept))).length;
  }
}
