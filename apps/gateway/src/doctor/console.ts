/** Where things are in DingTalk's console, by the words that stand there. */
const APP = 'open-dev.dingtalk.com → 应用开发 → 企业内部应用 → the app';

export const AT_DINGTALK = {
  credentials: `${APP} → 凭证与基础信息: Client ID and Client Secret`,
  addresses: `${APP} → 安全设置 → 服务器出口IP: add the public address of this machine`,
  redirect: `${APP} → 安全设置 → 重定向URL`,
  permission: (code: string, title: string): string => `${APP} → 权限管理: search ${code} (${title}) → 申请权限`,
  scope: `${APP} → 权限管理 → 权限范围: 全部员工, or the departments that are meant`,
} as const;
