import type { StageDefinition } from '../stage.ts';
import { accessControl } from './access-control.ts';
import { admission } from './admission.ts';
import { autoscaling } from './autoscaling.ts';
import { certificate } from './certificate.ts';
import { objectClass } from './class.ts';
import { configData } from './config-data.ts';
import { container } from './container.ts';
import { containerPort } from './container-port.ts';
import { cronJob } from './cron-job.ts';
import { customResourceDefinition } from './custom-resource-definition.ts';
import { device } from './device.ts';
import { disruptionBudget } from './disruption-budget.ts';
import { endpoints } from './endpoints.ts';
import { environmentVariable } from './environment-variable.ts';
import { event } from './event.ts';
import { flowControl } from './flow-control.ts';
import { ingress } from './ingress.ts';
import { job } from './job.ts';
import { label } from './label.ts';
import { lease } from './lease.ts';
import { limits } from './limits.ts';
import { objectName } from './name.ts';
import { networkPolicy } from './network-policy.ts';
import { ownership } from './ownership.ts';
import { pod } from './pod.ts';
import { probe } from './probe.ts';
import { resources } from './resources.ts';
import { scheduling } from './scheduling.ts';
import { securityContext } from './security-context.ts';
import { selector } from './selector.ts';
import { service } from './service.ts';
import { storage } from './storage.ts';
import { type ApiServerSubject, apiServerSubjects } from './subject.ts';
import { volume } from './volume.ts';
import { volumeMount } from './volume-mount.ts';
import { workload } from './workload.ts';

/** What the API server checks on creation beyond the OpenAPI schema. */
export const apiServerStage: StageDefinition<ApiServerSubject> = {
  stage: 'api-server',
  rules: [
    objectName,
    label,
    ownership,
    selector,
    pod,
    container,
    containerPort,
    environmentVariable,
    volume,
    volumeMount,
    probe,
    resources,
    securityContext,
    scheduling,
    workload,
    job,
    cronJob,
    service,
    endpoints,
    ingress,
    networkPolicy,
    configData,
    storage,
    accessControl,
    disruptionBudget,
    autoscaling,
    limits,
    objectClass,
    lease,
    flowControl,
    admission,
    customResourceDefinition,
    event,
    certificate,
    device,
  ],
  subjects: apiServerSubjects,
};
