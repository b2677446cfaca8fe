import { capacityFaults } from './capacity.ts';
import { testFaultsIn } from './fault.ts';

testFaultsIn('prototype', 'capacity', capacityFaults);
