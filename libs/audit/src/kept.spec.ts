import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { kept } from './kept.js';

const mobile = fc
  .tuple(fc.constantFrom('13', '15', '18', '19'), fc.stringMatching(/^[0-9]{9}$/))
  .map((parts) => parts.join(''));

describe('what is kept of a value', () => {
  it.each([
    ['mobile', '13812345678', '138****5678'],
    ['mobile', '+86-13812345678', '+86-138****5678'],
    ['telephone', '0571-87654321', '0571-****4321'],
    ['mobile', '12345', '****'],
    ['email', 'zhangsan@example.com', 'z***@example.com'],
    ['email', 'nonsense', '***'],
    ['remark', '打 +8613812345678 或 a.b@c.example', '打 +86138****5678 或 a***@c.example'],
    ['name', '张三', '张三'],
    ['remark', '138-1234-5678, 138 1234 5678, １３８１２３４５６７８', '138****5678, 138****5678, 138****5678'],
    ['order', 5, 5],
    ['extension', { 备用: 13812345678 }, { 备用: '138****5678' }],
    ['hiredDate', 1672531200000, 1672531200000],
    ['hideMobile', true, true],
    ['order', undefined, null],
  ])('of %s %j is %j', (field, value, expected) => {
    expect(kept(field, value)).toEqual(expected);
  });

  it('is bounded: long texts, many items, deep objects', () => {
    expect(String(kept('brief', 'x'.repeat(5000)))).toHaveLength(201);
    expect(kept('list', Array(500).fill('x'))).toEqual([...Array<string>(50).fill('x'), '…']);
    expect(kept('extension', { a: { b: { c: { d: { e: 1 } } } } })).toEqual({ a: { b: { c: { d: '…' } } } });
  });

  it('looks at the beginning of a long text only, and keeps no number that is cut there', () => {
    for (let before = 380; before < 410; before += 1) {
      const text = `${'字'.repeat(before)}13812345678${'a@'.repeat(10_000)}`;
      expect(String(kept('remark', text))).toBe(`${'字'.repeat(200)}…`);
    }
    expect(kept('remark', `${' '.repeat(150)}13812345678${'x'.repeat(1000)}`)).toMatch(/^ {150}138\*{4}5678x+…$/);
  });

  it('holds no mobile number whole, wherever it stands and whatever is around it', () => {
    const around = fc.string({ maxLength: 20 }).filter((text) => !/[0-9]$|^[0-9]/.test(text));
    fc.assert(
      fc.property(around, mobile, around, fc.constantFrom('name', 'mobile', 'extension', 'title'), (...parts) => {
        const [before, number, after, field] = parts;
        const value = { [`${before}${number}${after}`]: [{ deep: `${before}${number}${after}` }] };
        expect(JSON.stringify(kept(field, value))).not.toContain(number);
      }),
    );
  });
});
