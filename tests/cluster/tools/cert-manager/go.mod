// Only its definitions are used, nothing is built.
module github.com/infometis/platform/tests/cluster/tools/cert-manager

go 1.26.0

require github.com/cert-manager/cert-manager v1.21.1
