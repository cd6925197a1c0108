// C0 and C1 controls but tab, line feed and carriage return.
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

/** Whether a string is text that can travel: well-formed Unicode without control characters. */
export const isPlainText = (value: string): boolean => value.isWellFormed() && !CONTROL.test(value);

/** Length in Unicode code points: 𠮷 counts once. */
export const lengthOf = (value: string): number => [...value].length;
