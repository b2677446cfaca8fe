import { configurationFaults } from './configuration.ts';
import { testFaults } from './fault.ts';

testFaults('configuration', configurationFaults);
