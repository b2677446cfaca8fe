module github.com/infometis/platform/tests/cluster/tools/sops

go 1.26.0
