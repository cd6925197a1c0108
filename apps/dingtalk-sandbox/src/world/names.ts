/** Raw material of a believable company. */
export const SURNAMES = [
  ...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤',
];
export const GIVEN_NAMES = [
  ...[
    '伟',
    '芳',
    '娜',
    '敏',
    '静',
    '丽',
    '强',
    '磊',
    '军',
    '洋',
    '勇',
    '艳',
    '杰',
    '娟',
    '涛',
    '明',
    '超',
    '秀英',
    '霞',
    '平',
  ],
  ...[
    '刚',
    '桂英',
    '子涵',
    '梓轩',
    '雨桐',
    '浩然',
    '欣怡',
    '宇航',
    '诗涵',
    '俊杰',
    '思远',
    '晓东',
    '海燕',
    '建国',
    '文博',
    '嘉怡',
  ],
  ...[
    '一诺',
    '若曦',
    '天佑',
    '语嫣',
    '泽宇',
    '梦琪',
    '志强',
    '雪梅',
    '国华',
    '玉兰',
    '立新',
    '春梅',
    '鹏飞',
    '晨曦',
    '佳慧',
    '子墨',
  ],
];

/** The tree of departments: names, each with the ones below it. */
export interface Branch {
  readonly name: string;
  readonly below?: readonly Branch[];
}

const leaves = (...names: string[]): Branch[] => names.map((name) => ({ name }));

export const TREE: readonly Branch[] = [
  {
    name: '研发中心',
    below: [
      { name: '平台研发部', below: leaves('后端组', '前端组', '移动端组', '基础架构组') },
      { name: '数据智能部', below: leaves('数据平台组', '算法组') },
      { name: '质量保障部', below: leaves('功能测试组', '自动化测试组') },
      ...leaves('运维部', '信息安全部'),
    ],
  },
  { name: '产品中心', below: leaves('产品设计部', '用户体验部', '用户研究部') },
  { name: '市场部', below: leaves('品牌组', '内容组', '活动组') },
  {
    name: '销售中心',
    below: [
      { name: '华东大区', below: leaves('上海办事处', '杭州办事处', '南京办事处') },
      { name: '华南大区', below: leaves('广州办事处', '深圳办事处') },
      { name: '华北大区', below: leaves('北京办事处', '天津办事处') },
    ],
  },
  { name: '人力资源部', below: leaves('招聘组', '薪酬福利组', '培训发展组') },
  ...leaves('财务部', '法务部', '行政部'),
  { name: '客户服务部', below: leaves('售前支持组', '售后服务组') },
];

export const TITLES = [
  '工程师',
  '高级工程师',
  '专员',
  '高级专员',
  '主管',
  '经理',
  '顾问',
  '分析师',
  '设计师',
  '架构师',
];
