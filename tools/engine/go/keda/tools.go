//go:build tools

// Package tools names the programs that tools/engine builds, so that go.mod and go.sum pin what they are made of.
package tools

import (
	_ "github.com/kedacore/keda/v2/cmd/adapter"
	_ "github.com/kedacore/keda/v2/cmd/operator"
)
