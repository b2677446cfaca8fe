import { testFaults } from './fault.ts';
import { fluxFaults } from './flux.ts';
import { referenceFaults } from './reference.ts';
import { schemaFaults } from './schema.ts';

testFaults('schema', schemaFaults);
testFaults('reference', referenceFaults);
testFaults('flux', fluxFaults);
