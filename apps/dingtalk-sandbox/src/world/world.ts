import { type Branch, GIVEN_NAMES, SURNAMES, TITLES, TREE } from './names.js';
import { DIGITS, LETTERS, Random } from './random.js';

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
}

export const ROOT = 1;
export const CORP_ID = 'dingsandbox8f3a51c2';
const COMPANY = '星河科技有限公司';
const HUGE_ID = Number.MAX_SAFE_INTEGER;
const EDUCATION_NODE = -7;

/** Everything that the small DingTalk knows. The same at every start, but for what callers change. */
export class World {
  readonly departments = new Map<number, DepartmentRecord>();
  readonly people: Person[] = [];
  private readonly random = new Random(20_260_822);

  constructor(size: number) {
    this.addDepartment({ dept_id: ROOT, name: COMPANY, order: 0 });
    this.grow(TREE, ROOT);
    // What walks of a real organisation stumble over: ids beyond 32 bits, and DingTalk's own negative nodes.
    this.addDepartment({ dept_id: HUGE_ID, parent_id: ROOT, name: '海外事业部', order: 90 });
    this.addDepartment({ dept_id: EDUCATION_NODE, name: '家校通讯录', order: 99, tags: 'campus' });
    this.addCast();
    while (this.employees().length < size) this.addPerson();
  }

  employees(): Person[] {
    return this.people.filter(({ userid, external }) => userid !== undefined && !external);
  }

  byUserId(userid: unknown): Person | undefined {
    return this.people.find((person) => person.userid !== undefined && person.userid === userid);
  }

  byUnionId(unionId: unknown): Person | undefined {
    return this.people.find((person) => person.unionId === unionId);
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
    return this.employees().filter((person) => person.departments.some((dept) => this.pathOf(dept).includes(id)))
      .length;
  }

  private grow(branches: readonly Branch[], parent: number): void {
    branches.forEach(({ name, below = [] }, index) => {
      const dept_id = 400_000_000 + this.random.whole(599_999_999);
      this.addDepartment({ dept_id, parent_id: parent, name, order: (index + 1) * 10 });
      this.grow(below, dept_id);
    });
  }

  private addDepartment(told: DepartmentRecord): void {
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

  /** The few people whom examples and tests call by name. */
  private addCast(): void {
    const leaf = [...this.departments.values()].find(({ name }) => name === '后端组')?.dept_id ?? ROOT;
    const cast = { title: '工程师', admin: false, hired: Date.UTC(2020, 2, 1), departments: [leaf] };
    const account = (unionId: string, name: string, mobile: string) => ({
      unionId,
      openId: `open-${unionId}`,
      nick: name,
      name,
      mobile,
      email: `${unionId.toLowerCase()}@example.com`,
      avatarUrl: `https://static.example.com/${unionId}.png`,
    });
    this.people.push(
      {
        ...account('z21HjQliSzpw0Yzhangsan', '张三', '15000009144'),
        ...cast,
        userid: '102530009661373952',
        admin: true,
        departments: [ROOT],
      },
      { ...account('k93LmWqxRtpb7Slisi', '李四', '13800002468'), ...cast, userid: 'lisi' },
      { ...account('strangerPq8Xw2NvRiEiE', '路人甲', '13700001357'), ...cast, departments: [] },
      {
        ...account('externalVt4Yk6BmQiEiE', '王客户', '13600009753'),
        ...cast,
        userid: 'ext-wang',
        external: true,
        departments: [],
      },
    );
  }

  private addPerson(): void {
    const { random } = this;
    const name = random.pick(SURNAMES) + random.pick(GIVEN_NAMES);
    const homes = [...this.departments.keys()].filter((id) => id > ROOT && this.below(id).length === 0);
    const unionId = `${random.text(LETTERS, 18)}iEiE`;
    this.people.push({
      unionId,
      openId: random.text(LETTERS, 20),
      nick: name,
      name,
      mobile: `1${random.pick(['38', '39', '50', '58', '77', '86'])}${random.text(DIGITS, 8)}`,
      // As at DingTalk, not everybody has set everything.
      ...(random.next() < 0.6 && { email: `${random.text(LETTERS, 8).toLowerCase()}@example.com` }),
      ...(random.next() < 0.7 && { avatarUrl: `https://static.example.com/${unionId}.png` }),
      userid:
        random.next() < 0.8 ? `${1 + random.whole(9)}${random.text(DIGITS, 17)}` : `user${random.text(DIGITS, 6)}`,
      title: random.pick(TITLES),
      admin: false,
      hired: Date.UTC(2015 + random.whole(11), random.whole(12), 1 + random.whole(28)),
      departments: [...new Set([random.pick(homes), ...(random.next() < 0.1 ? [random.pick(homes)] : [])])],
    });
  }
}
