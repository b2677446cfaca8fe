// Only its definitions are used, nothing is built.
module github.com/infometis/platform/tests/cluster/tools/k8up

go 1.26.0

require github.com/k8up-io/k8up/v2 v2.15.0
