// Only its definitions are used, nothing is built.
module github.com/infometis/platform/tests/cluster/tools/trust-manager

go 1.26.0

require github.com/cert-manager/trust-manager v0.25.0
