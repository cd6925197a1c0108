import type { Type } from '@nestjs/common';
import { Failure } from '../failures.js';
import { isObject } from '../is-object.js';

type Plain = Readonly<Record<string, unknown>>;

/** Which properties of a class hold another shape. */
const SHAPES = new Map<object, Map<string | symbol, () => Type<object>>>();

/** Remembers that a property holds another shape. */
export const shapeOf =
  (of: () => Type<object>): PropertyDecorator =>
  (prototype, property) => {
    const shapes = SHAPES.get(prototype) ?? new Map<string | symbol, () => Type<object>>();
    SHAPES.set(prototype, shapes.set(property, of));
  };

/**
 * An input as an instance of its class, so that its rules apply; shapes within it likewise, free JSON left as it is.
 * @throws Failure BAD_INPUT for names like `constructor`, behind which the rules would not be found.
 */
export function toInstance<Shape extends object>(type: Type<Shape>, plain: Plain, path?: string): Shape {
  const instance = new type();
  for (const [name, value] of Object.entries(plain)) {
    const place = [path, name].filter(Boolean).join('.');
    if (name in Object.prototype) throw Failure.badInput(place, 'is not known here');
    const shape = findShape(type.prototype as object, name);
    Object.assign(instance, { [name]: shape ? filled(shape(), value, place) : value });
  }
  return instance;
}

/** Shapes are inherited as the properties are. */
const findShape = (prototype: object | null, name: string): (() => Type<object>) | undefined =>
  prototype === null
    ? undefined
    : (SHAPES.get(prototype)?.get(name) ?? findShape(Object.getPrototypeOf(prototype) as object | null, name));

function filled(type: Type<object>, value: unknown, place: string): unknown {
  if (Array.isArray(value)) return value.map((item, index) => filled(type, item, `${place}.${index}`));
  return isObject(value) ? toInstance(type, value, place) : value;
}
