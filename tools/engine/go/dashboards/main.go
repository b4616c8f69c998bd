// dashboards FILE... says of each file whether it is a dashboard as Grafana's schema has it.
//
// The schema is the one that Grafana generates its SDKs from. This one, in Go, reads strictly: a field that the schema lacks, one that is missing
// and one of another type are each named with their path, also in the options of a kind of panel and in queries of Prometheus.
package main

import (
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func judge(file string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var read dashboard.Dashboard
	if err := found(read.UnmarshalJSONStrict(raw)); err != nil {
		return err
	}
	return found(read.Validate())
}

// found is the error, if there is one: the SDK answers an empty list of errors where there is none.
func found(err error) error {
	if err != nil && err.Error() == "" {
		return nil
	}
	return err
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: dashboards FILE...")
		os.Exit(2)
	}
	plugins.RegisterDefaultPlugins()
	status := 0
	for _, file := range os.Args[1:] {
		if err := judge(file); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", file, err)
			status = 1
		}
	}
	os.Exit(status)
}
