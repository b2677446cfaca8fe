import type { Overload } from '../overload.ts';
import type { Value } from '../values.ts';
import { conversionFunctions } from './conversions.ts';
import { kubernetesFunctions } from './kubernetes.ts';
import { listFunctions } from './lists.ts';
import { netFunctions } from './net.ts';
import { numberFunctions } from './numbers.ts';
import { stringFunctions } from './strings.ts';
import { timeFunctions } from './times.ts';
import { urlFunctions } from './urls.ts';

const additions = numberFunctions.filter(({ name }) => name === '_+_');

/** `a + b` of values whose types are not known until they are there. */
function add(a: Value, b: Value): Value {
  const fitting = additions.find((overload) => overload.accepts([a, b]));
  return (fitting as Overload).run(...([a, b] as unknown as never[]));
}

const all: readonly Overload[] = [
  ...numberFunctions,
  ...conversionFunctions,
  ...stringFunctions,
  ...listFunctions(add),
  ...timeFunctions,
  ...urlFunctions,
  ...netFunctions,
  ...kubernetesFunctions,
];

/** Every function of a Kubernetes 1.36 API server's CEL, by name. */
export const functions: ReadonlyMap<string, readonly Overload[]> = byName();

function byName(): Map<string, Overload[]> {
  const groups = new Map<string, Overload[]>();
  for (const overload of all) {
    const group = groups.get(overload.name);
    if (group) group.push(overload);
    else groups.set(overload.name, [overload]);
  }
  return groups;
}
