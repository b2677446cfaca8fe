// Only its definitions are used, nothing is built.
module github.com/infometis/platform/tests/cluster/tools/metallb

go 1.26.0

require go.universe.tf/metallb v0.16.1
