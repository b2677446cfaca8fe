import { testFaultsIn } from './fault.ts';
import { fluxFaults } from './flux.ts';
import { referenceFaults } from './reference.ts';
import { schemaFaults } from './schema.ts';

testFaultsIn('prototype', 'schema', schemaFaults);
testFaultsIn('prototype', 'reference', referenceFaults);
testFaultsIn('prototype', 'flux', fluxFaults);
