//go:build tools

// Package tools names the program that tools/engine builds, so that go.mod and go.sum pin what it is made of.
package tools

import _ "istio.io/istio/pilot/cmd/pilot-discovery"
