// Only files of it are used, nothing is built.
module github.com/infometis/platform/tests/cluster/tools/flux2

go 1.26.0

require github.com/fluxcd/flux2/v2 v2.9.5
