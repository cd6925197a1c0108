import { describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { validateSync } from 'class-validator';
import fc from 'fast-check';
import { DepartmentChanges, EmployeeChanges, NewDepartment, NewEmployee, OrgAccountVisibilityInput } from '#contact';
import { toInstance } from '#contract';
import { SignIn } from '../session/session.model.js';
import { InputPipe } from './input.pipe.js';
import { isRight } from './plain-checks.js';

const INPUTS: readonly Type<object>[] = [
  DepartmentChanges,
  EmployeeChanges,
  NewDepartment,
  NewEmployee,
  OrgAccountVisibilityInput,
  SignIn,
];

interface Property {
  readonly example?: unknown;
  /** Of a shape within, told by a function. */
  readonly type?: unknown;
  readonly isArray?: boolean;
}

const PLAIN: readonly unknown[] = [String, Number, Boolean, Object];

const propertiesOf = ({ prototype }: Type<object>): [name: string, property: Property][] => {
  const names = Reflect.getMetadata('swagger/apiModelPropertiesArray', prototype as object) as string[];
  return names.map((name) => {
    const property = name.slice(1);
    return [property, Reflect.getMetadata('swagger/apiModelProperties', prototype as object, property) as Property];
  });
};

const WRONG = [null, '', ' ', 'x'.repeat(5000), 0, 1, -1, 1.5, NaN, true, [], {}, [null], ['1', '1'], [{}], { a: 1 }];

/** What the API page shows as an example is right. */
function rightOf({ example, type, isArray }: Property): fc.Arbitrary<unknown> {
  if (typeof type !== 'function' || PLAIN.includes(type)) return fc.constant(example);
  const within = inputOf((type as () => Type<object>)());
  return isArray ? fc.array(within, { minLength: 1, maxLength: 2 }) : within;
}

/** Some of its properties, most of them as they should be; at times one that nobody has asked for. */
function inputOf(Class: Type<object>): fc.Arbitrary<Record<string, unknown>> {
  const wrong = { weight: 1, arbitrary: fc.constantFrom(...WRONG) };
  const properties = propertiesOf(Class).map(([name, property]) => [
    name,
    fc.oneof({ weight: 20, arbitrary: rightOf(property) }, wrong),
  ]);
  const known = fc.record(Object.fromEntries(properties) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: [],
  });
  const whole = fc.record(Object.fromEntries(properties) as Record<string, fc.Arbitrary<unknown>>);
  return fc.oneof(
    { weight: 5, arbitrary: whole },
    { weight: 5, arbitrary: known },
    { weight: 1, arbitrary: known.map((input) => ({ ...input, unknown: 'what nobody asked for' })) },
  );
}

const faultsIn = (input: object) => validateSync(input, { whitelist: true, forbidNonWhitelisted: true });

describe('the plain checks of an input', () => {
  it.each(INPUTS)('find right what class-validator finds right, and nothing else: %p', (Class) => {
    const found = { right: 0, wrong: 0 };
    fc.assert(
      fc.property(inputOf(Class), (told) => {
        const input = toInstance(Class, told);
        const isFound = isRight(input);
        found[isFound ? 'right' : 'wrong'] += 1;
        expect({ told, isRight: isFound }).toEqual({ told, isRight: faultsIn(input).length === 0 });
      }),
      { numRuns: 1500 },
    );
    expect(Math.min(found.right, found.wrong)).toBeGreaterThan(20);
  });

  it('answer at once for what is right', () => {
    const input = { name: 'A department' };
    const told = new InputPipe().transform(input, { type: 'body', metatype: DepartmentChanges });
    expect(told).toBeInstanceOf(DepartmentChanges);
    expect(told).toEqual(input);
  });
});
