import type { Failure, FailureCode } from '#contract';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);

const STYLE = `
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #f4f6f9; color: #1d2330;
  font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
main { max-width: 30rem; margin: 1rem; padding: 2rem 2.5rem; background: #fff; border-radius: 12px; box-shadow: 0 2px 16px #0001; }
h1 { margin: 0 0 .5rem; font-size: 1.3rem; } a { color: #0061d5; } small { color: #6b7385; overflow-wrap: anywhere; }
a.main { display: inline-block; margin: .5rem 0; padding: .45rem 1.2rem; border-radius: 8px; background: #0061d5; color: #fff; text-decoration: none; }
@media (prefers-color-scheme: dark) { body { background: #14171d; color: #e4e7ee; } main { background: #1e222b; } a { color: #7db4ff; } }`;

const page = (title: string, body: string, head = ''): string => `<!DOCTYPE html>
<html lang="zh-CN">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">${head}
<title>${escape(title)}</title><link rel="icon" href="data:,"><style>${STYLE}</style></head>
<body><main>${body}</main></body>
</html>
`;

/** Goes on to a path of our own by itself. */
export const movingOnPage = (path: string): string =>
  page(
    '已登录 · Signed in',
    `<h1>已登录 · Signed in</h1><p><a href="${escape(path)}">继续 · Go on</a></p>`,
    `<meta http-equiv="refresh" content="0;url=${escape(path)}">`,
  );

/** What a person reads first, in both languages of the house; the reason itself follows in the failure's own words. */
const WORDS: Partial<Record<FailureCode, readonly [title: string, sentence: string]>> = {
  BAD_INPUT: ['链接有误 · This link is not right', '链接中的参数不正确。'],
  UNAUTHENTICATED: ['登录未完成 · The sign-in was not completed', '授权被拒绝、取消或已过期，请重新登录。'],
  FORBIDDEN: ['无法完成登录 · This sign-in cannot be completed', '登录链接已失效，或此账号不属于本组织。'],
  TOO_MANY_REQUESTS: ['尝试过于频繁 · Too many tries', '请稍后再试。'],
};
const OTHERWISE = ['登录失败 · The sign-in failed', '服务暂时不可用，请稍后再试。'] as const;

/** A request that is answered with a page. */
export interface PageRequest {
  readonly id: string;
  /** Where its person wants to go once they are signed in. */
  returnTo?: string;
}

/** What a person reads whose sign-in failed. */
export function failurePage(failure: Failure, { id, returnTo }: PageRequest): string {
  const again = returnTo === undefined ? 'login' : `login?returnTo=${encodeURIComponent(returnTo)}`;
  const [title, sentence] = WORDS[failure.code] ?? OTHERWISE;
  return page(
    title,
    `<h1>${title}</h1><p>${sentence}</p><p>${escape(failure.detail)}</p><p><a class="main" href="${escape(again)}">重新登录 · Sign in again</a></p>
<small>${failure.code} · ${escape(id)}</small>`,
  );
}
