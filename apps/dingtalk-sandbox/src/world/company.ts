import { type Branch, GIVEN_NAMES, SURNAMES, TITLES, TREE } from './names.js';
import { DIGITS, LETTERS, Random } from './random.js';
import { type Person, ROOT, World } from './world.js';

const COMPANY = '星河科技有限公司';
const HUGE_ID = Number.MAX_SAFE_INTEGER;
const EDUCATION_NODE = -7;

/** A large company has a department for so many people. */
const PEOPLE_OF_A_TEAM = 25;
/** From this size on a few departments hold hundreds, as of a factory. */
const LARGE = 1000;
const FACTORIES = 8;

/** A company of that many employees: the same at every start. */
export const createCompany = (size: number): World => new Founder(size).world;

class Founder {
  readonly world = new World();
  private readonly random = new Random(20_260_822);
  private readonly mobiles = new Set<string>();

  constructor(size: number) {
    const { world } = this;
    world.addDepartment({ dept_id: ROOT, name: COMPANY, order: 0 });
    this.grow(TREE, ROOT);
    // What walks of a real organisation stumble over: ids beyond 32 bits, and DingTalk's own negative nodes.
    world.addDepartment({ dept_id: HUGE_ID, parent_id: ROOT, name: '海外事业部', order: 90 });
    this.addTeams(Math.round(size / PEOPLE_OF_A_TEAM));
    world.addDepartment({ dept_id: EDUCATION_NODE, name: '家校通讯录', order: 99, tags: 'campus' });
    this.addCast();
    const homes = this.leaves();
    for (let employees = world.employees().length; employees < size; employees += 1) this.addEmployee(homes, size);
    this.nameManagers(homes);
  }

  private grow(branches: readonly Branch[], parent: number): void {
    branches.forEach(({ name, below = [] }, index) => {
      const dept_id = 400_000_000 + this.random.whole(599_999_999);
      this.world.addDepartment({ dept_id, parent_id: parent, name, order: (index + 1) * 10 });
      this.grow(below, dept_id);
    });
  }

  private leaves(): number[] {
    const parents = new Set([...this.world.departments.values()].map(({ parent_id }) => parent_id));
    return [...this.world.departments.keys()].filter((id) => id > ROOT && !parents.has(id));
  }

  /** Below the departments that there are, until there are so many in all. */
  private addTeams(most: number): void {
    const parents = this.leaves();
    for (let count = 1; this.world.departments.size < most; count += 1) {
      const parent_id = parents[count % parents.length] ?? ROOT;
      this.world.addDepartment({ dept_id: 300_000_000 + count, parent_id, name: `第${count}小组`, order: count });
    }
  }

  /** The few people whom examples and tests call by name. */
  private addCast(): void {
    const leaf = [...this.world.departments.values()].find(({ name }) => name === '后端组')?.dept_id ?? ROOT;
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
    const people: Person[] = [
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
    ];
    for (const person of people) this.world.addPerson(person);
  }

  private addEmployee(homes: readonly number[], size: number): void {
    const { random } = this;
    const name = random.pick(SURNAMES) + random.pick(GIVEN_NAMES);
    const unionId = `${random.text(LETTERS, 18)}iEiE`;
    this.world.addPerson({
      unionId,
      openId: random.text(LETTERS, 20),
      nick: name,
      name,
      mobile: this.newMobile(),
      // As at DingTalk, not everybody has set everything.
      ...(random.next() < 0.6 && { email: `${random.text(LETTERS, 8).toLowerCase()}@example.com` }),
      ...(random.next() < 0.7 && { avatarUrl: `https://static.example.com/${unionId}.png` }),
      userid: this.newUserId(),
      title: random.pick(TITLES),
      admin: false,
      hired: Date.UTC(2015 + random.whole(11), random.whole(12), 1 + random.whole(28)),
      departments: this.homesOf(homes, size),
    });
  }

  private homesOf(homes: readonly number[], size: number): number[] {
    const { random } = this;
    const isWorker = size > LARGE && random.next() < 0.15;
    const home = isWorker ? random.pick(homes.slice(0, FACTORIES)) : random.pick(homes);
    return [...new Set([home, ...(random.next() < 0.1 ? [random.pick(homes)] : [])])];
  }

  private newMobile(): string {
    const { random } = this;
    const mobile = `1${random.pick(['38', '39', '50', '58', '77', '86'])}${random.text(DIGITS, 8)}`;
    if (this.mobiles.has(mobile)) return this.newMobile();
    this.mobiles.add(mobile);
    return mobile;
  }

  private newUserId(): string {
    const { random } = this;
    const userid =
      random.next() < 0.8 ? `${1 + random.whole(9)}${random.text(DIGITS, 17)}` : `user${random.text(DIGITS, 6)}`;
    return this.world.byUserId(userid) ? this.newUserId() : userid;
  }

  /** Whoever comes first in a department leads it and is in the one above too; the leaders report to the administrator. */
  private nameManagers(homes: readonly number[]): void {
    const [boss] = this.world.members(ROOT);
    const led = new Map<number, Person>();
    for (const person of this.world.employees()) {
      const [home = ROOT] = person.departments;
      const leader = led.get(home);
      if (person !== boss) person.manager = (leader ?? boss)?.userid;
      if (!leader && homes.includes(home)) led.set(home, person);
    }
    for (const [home, leader] of led) this.makeLeader(home, leader);
  }

  private makeLeader(home: number, leader: Person): void {
    const department = this.world.departments.get(home);
    if (!department) return;
    department['dept_manager_userid_list'] = [leader.userid];
    const { parent_id = ROOT } = department;
    if (!leader.departments.includes(parent_id)) leader.departments.push(parent_id);
  }
}
