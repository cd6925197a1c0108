/**
 * A name is one line, and shows what it is: no line breaks, nothing that turns its direction, nothing without a width. Joiners
 * (U+200C, U+200D) are left, since scripts and emoji need them.
 */
const HIDDEN = '\\u0000-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff';

export const DEPARTMENT_NAME = {
  pattern: new RegExp(`^(?=[\\s\\S]*\\S)[^${HIDDEN},，-]+$`),
  rule: 'must not be blank, nor hold a hyphen, a comma, a line break or an invisible character',
};

export const PERSON_NAME = {
  pattern: new RegExp(`^(?=[\\s\\S]*\\S)[^${HIDDEN}]+$`),
  rule: 'must not be blank, nor hold a line break or an invisible character',
};
