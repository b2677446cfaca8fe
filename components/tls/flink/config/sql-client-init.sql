-- For the SQL client in the JobManager's pod:
--   bin/sql-client.sh -Dsecurity.ssl.rest.enabled=false -i /etc/flink/sql-client-init.sql [-f job.sql]
-- The client talks to a gateway inside its own process, on the pod's loopback address, and that one knows no TLS; with the option
-- the two agree. The line below turns TLS on again for what leaves the pod: submitting the job.
SET 'security.ssl.rest.enabled' = 'true';
