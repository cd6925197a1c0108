import type { Type } from '@nestjs/common';
import { Failure } from '../failures.js';
import { isObject } from '../is-object.js';

type Plain = Readonly<Record<string, unknown>>;

/** Which properties of a class hold another shape. */
const SHAPES = new Map<object, Map<string | symbol, () => Type>>();

/** Remembers that a property holds another shape. */
export const shapeOf =
  (of: () => Type): PropertyDecorator =>
  (prototype, property) => {
    const shapes = SHAPES.get(prototype) ?? new Map<string | symbol, () => Type>();
    SHAPES.set(prototype, shapes.set(property, of));
  };

/**
 * An input as an instance of its class, so that its rules apply; shapes within it likewise, free JSON left as it is.
 * @throws Failure BAD_INPUT for names like `constructor`, behind which the rules would not be found.
 */
export function toInstance<Shape extends object>(type: Type<Shape>, plain: Plain, path?: string): Shape {
  const instance = new type();
  const shapes = SHAPES.get(type.prototype as object);
  for (const [name, value] of Object.entries(plain)) {
    const place = [path, name].filter(Boolean).join('.');
    if (name in Object.prototype) throw Failure.badInput(place, 'is not known here');
    const shape = shapes?.get(name);
    const filled = shape && isObject(value) ? (toInstance(shape(), value, place) as unknown) : value;
    Object.assign(instance, { [name]: filled });
  }
  return instance;
}
