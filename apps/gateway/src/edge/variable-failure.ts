import { Failure } from '#contract';

/** graphql-js quotes the value that it refuses in ever other words; these are fixed, and hold none of it. */
const RULES: readonly [RegExp, string][] = [
  [/; Int cannot represent/, 'must be a whole number of 32 bits'],
  [/; Float cannot represent/, 'must be a number'],
  [/; Boolean cannot represent/, 'must be true or false'],
  [/; String cannot represent|; Expected type "ID"|; ID cannot represent|; An id must be a string/, 'must be a string'],
  [/; Expected type "JSONObject"/, 'must be a JSON object'],
  [/; Expected type "\w+" to be an object/, 'must be an object'],
  [/; (?:Value .* in|Enum) "\w+"/s, 'must be one of the words of its enum'],
  [/ is not defined by type "/, 'holds a field that is not known here'],
  [/ required type | not provided|; Expected non-nullable type | must not be null/, 'is required and must not be null'],
];

/**
 * `Variable "$changes" got invalid value {…} at "changes.order"; Int cannot …` as a failure with the field and the rule.
 * @returns undefined where the message is about something else.
 */
export function variableFailure(message: string): Failure | undefined {
  const variable = /^Variable "\$([A-Za-z0-9_]+)"/.exec(message)?.[1];
  if (!variable) return undefined;
  const place = / at "([A-Za-z0-9_.[\]]{1,200})"; /.exec(message)?.[1] ?? variable;
  const missing = / Field "([A-Za-z0-9_]+)" of required type /.exec(message)?.[1];
  const rule = RULES.find(([form]) => form.test(message))?.[1] ?? 'is not of its type';
  return Failure.badInput([place.replace(/\[(\d+)\]/g, '.$1'), missing].filter(Boolean).join('.'), rule);
}

/** A variable that may be null, given to an argument that may not: it is found out when the field is reached. */
export function argumentFailure(message: string): Failure | undefined {
  const [, name, isMissing] = /^Argument "([A-Za-z0-9_]+)" (of (?:required|non-null) type)?/.exec(message) ?? [];
  if (name === undefined) return undefined;
  return Failure.badInput(name, isMissing ? 'is required and must not be null' : 'is not of its type');
}
