import { describe, expect, test } from 'vitest';
import { validateBeyondSchema } from '../../../../scripts/kubernetes/validation/index.ts';

type Fields = Record<string, unknown>;

const faults = (kind: string, spec: unknown): string[] =>
  validateBeyondSchema({ apiVersion: 'resource.k8s.io/v1', kind, metadata: { name: 'gpu' }, spec }).map(
    ({ message }) => message,
  );

const request = (exactly: Fields = {}): Fields => ({
  name: 'one',
  exactly: { deviceClassName: 'gpu', ...exactly },
});
const claim = (devices: Fields): string[] => faults('ResourceClaim', { devices });
const opaque = { opaque: { driver: 'gpu.example.com', parameters: {} } };

describe('a claim', () => {
  test.each<Fields>([
    {},
    { requests: [request()] },
    { requests: [request({ allocationMode: 'All' })] },
    { requests: [request({ count: 0 })] },
    { requests: [{ name: 'one', firstAvailable: [{ name: 'a', deviceClassName: 'gpu' }] }] },
    { requests: [request()], constraints: [{ requests: ['one'], matchAttribute: 'example.com/model' }] },
    {
      requests: [{ name: 'one', firstAvailable: [{ name: 'a', deviceClassName: 'gpu' }] }],
      config: [{ requests: ['one/a'], ...opaque }],
    },
  ])('%j is fine', (devices) => {
    expect(claim(devices)).toEqual([]);
  });

  test.each<[Fields, string]>([
    [{ requests: [{ name: 'one' }] }, 'has none of exactly, firstAvailable'],
    [{ requests: [{ ...request(), firstAvailable: [{}] }] }, 'has exactly and firstAvailable'],
    [{ requests: [request({ deviceClassName: 'a_b' })] }, 'deviceClassName'],
    [{ requests: [request({ allocationMode: 'Some' })] }, 'allocationMode'],
    [{ requests: [request({ allocationMode: 'All', count: 1 })] }, 'allocationMode is All'],
    [{ requests: [request({ count: -1 })] }, 'negative'],
    [{ requests: [request(), request()] }, 'repeats'],
    [{ requests: [{ ...request(), name: 'a.b' }] }, 'name'],
    [{ requests: [request({ tolerations: [{ value: 'a/b' }] })] }, 'value'],
    [{ requests: [request({ tolerations: [{ operator: 'Exists', value: 'a' }] })] }, 'must not be set'],
    [{ requests: [request({ selectors: [{}] })] }, 'cel'],
    [{ requests: Array.from({ length: 33 }, request) }, 'has 33 items'],
    [{ constraints: [{}] }, 'matchAttribute'],
    [{ constraints: [{ matchAttribute: 'model' }] }, 'no domain'],
    [{ constraints: [{ requests: ['one'], matchAttribute: 'a.b/c' }] }, 'no such request'],
    [{ config: [{}] }, 'opaque'],
    [{ config: [{ opaque: { driver: 'a:b', parameters: {} } }] }, 'driver'],
    [{ config: [{ opaque: { driver: 'a', parameters: [] } }] }, 'no mapping'],
  ])('%j is not', (devices, why) => {
    expect(claim(devices)).toEqual([expect.stringContaining(why)]);
  });

  test('a template holds one, with labels and annotations alone', () => {
    const spec = { devices: { requests: [{ name: 'one' }] } };
    expect(faults('ResourceClaimTemplate', { spec })).toHaveLength(1);
    expect(faults('ResourceClaimTemplate', { metadata: { uid: 'x' } })).toHaveLength(1);
    expect(faults('ResourceClaimTemplate', { metadata: { labels: { a: 'b' } } })).toEqual([]);
  });
});

describe('a class', () => {
  const selects = (expression: string): string[] =>
    faults('DeviceClass', { selectors: [{ cel: { expression } }] });

  test.each([
    'true',
    'device.driver == "gpu.example.com"',
    'device.attributes["gpu.example.com"].model == "a100"',
    'device.attributes["gpu.example.com"].shared',
    'device.capacity["gpu.example.com"].memory.isGreaterThan(quantity("10Gi"))',
    'device.attributes["a"].version.isGreaterThan(semver("1.0.0"))',
    'device.allowMultipleAllocations == true',
    'cel.bind(gpu, device.attributes["gpu.example.com"], gpu.fast && gpu.large)',
  ])('%s selects', (expression) => {
    expect(selects(expression)).toEqual([]);
  });

  test.each(['', '1', 'a', 'a@b', 'device.name == "x"', 'device.driver', 'object.spec'])(
    '`%s` does not',
    (expression) => {
      expect(selects(expression)).toHaveLength(1);
    },
  );

  test('its extended resource has a domain', () => {
    expect(faults('DeviceClass', { extendedResourceName: 'example.com/gpu' })).toEqual([]);
    for (const extendedResourceName of ['', 'gpu', 'kubernetes.io/gpu'])
      expect(faults('DeviceClass', { extendedResourceName })).toHaveLength(1);
  });
});

describe('a slice', () => {
  const device = (fields: Fields = {}): Fields => ({ name: 'gpu-0', ...fields });
  const slice = (fields: Fields): string[] =>
    faults('ResourceSlice', {
      driver: 'gpu.example.com',
      nodeName: 'node-1',
      pool: { name: 'node-1', generation: 1, resourceSliceCount: 1 },
      ...fields,
    });
  const devices = (fields: Fields): string[] => slice({ devices: [device(fields)] });
  const memory = (requestPolicy: Fields): string[] =>
    devices({
      allowMultipleAllocations: true,
      capacity: { memory: { value: '10Gi', requestPolicy } },
    });

  test.each<Fields>([
    {},
    { attributes: { model: { string: 'a' }, 'example.com/version': { version: '1.2.3-a+b' } } },
    { attributes: { flag: { bool: false }, size: { int: 0 } }, capacity: { memory: { value: '1Gi' } } },
    { taints: [{ key: 'a', effect: 'None' }] },
    { consumesCounters: [{ counterSet: 'a', counters: { memory: { value: '1Gi' } } }] },
    { bindingConditions: ['a'], bindingFailureConditions: ['b'] },
  ])('offers %j', (fields) => {
    expect(devices(fields)).toEqual([]);
  });

  test.each<[Fields, string]>([
    [{ name: 'a.b' }, 'name'],
    [{ attributes: { '': { int: 1 } } }, 'name'],
    [{ attributes: { 'a b/c': { int: 1 } } }, 'a b'],
    [{ attributes: { model: {} } }, 'has none of'],
    [{ attributes: { model: { int: 1, bool: true } } }, 'has bool and int'],
    [{ attributes: { model: { version: '1.2' } } }, 'semantic version'],
    [{ attributes: { model: { string: 'x'.repeat(65) } } }, '65 bytes'],
    [{ capacity: { memory: { value: '1Gi', requestPolicy: {} } } }, 'allowMultipleAllocations'],
    [{ taints: [{ key: 'a' }] }, 'effect'],
    [{ consumesCounters: [{ counterSet: 'a' }] }, 'counters'],
    [{ bindingConditions: ['a'] }, 'bindingFailureConditions'],
    [{ bindingConditions: ['a'], bindingFailureConditions: ['a'] }, 'repeats'],
    [{ nodeName: 'node-1' }, 'perDeviceNodeSelection'],
  ])('does not offer %j', (fields, why) => {
    expect(devices(fields)).toEqual([expect.stringContaining(why)]);
  });

  test.each<[Fields, string]>([
    [{ nodeName: undefined }, 'has none of nodeName'],
    [{ allNodes: true }, 'has nodeName and allNodes'],
    [{ nodeName: 'a b' }, 'nodeName'],
    [{ nodeName: undefined, allNodes: true, perDeviceNodeSelection: false }, 'says nothing'],
    [{ driver: '' }, 'driver'],
    [{ pool: { name: 'a//b', resourceSliceCount: 1 } }, 'pool.name'],
    [{ pool: { name: 'a/b', resourceSliceCount: 0 } }, 'resourceSliceCount'],
    [{ pool: { name: 'a/b', resourceSliceCount: 1, generation: -1 } }, 'generation'],
    [{ devices: [], sharedCounters: [] }, 'only one of them'],
    [{ devices: [device(), device()] }, 'repeats'],
    [{ devices: Array.from({ length: 129 }, (_, index) => ({ name: `gpu-${index}` })) }, 'has 129 items'],
    [{ sharedCounters: [{ name: 'a', counters: { 'a.b': { value: '1' } } }] }, 'a.b'],
  ])('%j is refused', (fields, why) => {
    expect(slice(fields)).toEqual([expect.stringContaining(why)]);
  });

  test('with devices of several nodes, each names its own', () => {
    const several = { nodeName: undefined, perDeviceNodeSelection: true };
    expect(slice({ ...several, devices: [device({ nodeName: 'node-1' })] })).toEqual([]);
    expect(slice({ ...several, devices: [device()] })).toHaveLength(1);
  });

  test('shares its capacity by values or by steps', () => {
    expect(memory({})).toEqual([]);
    expect(memory({ default: '1Gi', validValues: ['1Gi', '2Gi'] })).toEqual([]);
    expect(memory({ default: '1Gi', validRange: { min: '1Gi', max: '9Gi', step: '2Gi' } })).toEqual([]);
    for (const [policy, why] of [
      [{ validValues: ['1Gi'] }, 'default'],
      [{ default: '1Gi', validValues: ['2Gi'] }, 'not one of validValues'],
      [{ default: '1Gi', validValues: ['2Gi', '1Gi'] }, 'less than the one before'],
      [{ default: '1Gi', validValues: ['1Gi', '11Gi'] }, 'more than the capacity'],
      [{ default: '1Gi', validRange: {} }, 'min'],
      [{ default: '1Gi', validRange: { min: '2Gi' } }, 'less than min'],
      [{ default: '3Gi', validRange: { min: '1Gi', max: '2Gi' } }, 'more than max'],
      [{ default: '2Gi', validRange: { min: '1Gi', step: '2Gi' } }, 'steps'],
      [{ default: '1Gi', validRange: { min: '1Gi' }, validValues: ['1Gi'] }, 'only one of them'],
    ] as const)
      expect(memory(policy)).toEqual([expect.stringContaining(why)]);
  });
});
