package main

import (
	"encoding/json"
	"fmt"

	v2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"
)

// A policy, and what its controller sees each time that it looks: services/common/autoscaling/testing/case.ts.
type testCase struct {
	Name                   string                              `json:"name"`
	Tolerance              float64                             `json:"tolerance"`
	DownscaleStabilization int64                               `json:"downscaleStabilization"`
	MinReplicas            int32                               `json:"minReplicas"`
	MaxReplicas            int32                               `json:"maxReplicas"`
	Behavior               *v2.HorizontalPodAutoscalerBehavior `json:"behavior"`
	Metrics                []metric                            `json:"metrics"`
	Replicas               int                                 `json:"replicas"`
	Startup                int64                               `json:"startup"`
	Steps                  []step                              `json:"steps"`
}

type metric struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Target int64  `json:"target"`
}

type step struct {
	Values []value `json:"values"`
	// Pods that have started and are not ready any more.
	Unready int `json:"unready"`
	// Somebody else scales before the controller looks.
	Set *int `json:"set"`
}

// In thousandths; missing where there is none. Of a Pods metric the value of the first pod: each further one has one more, and the last
// `silent` that run have none.
type value struct {
	milli   int64
	silent  int
	missing bool
}

func (v *value) UnmarshalJSON(text []byte) error {
	var pods struct {
		Value  int64 `json:"value"`
		Silent int   `json:"silent"`
	}
	switch {
	case string(text) == "null":
		v.missing = true
	case text[0] == '{':
		if err := json.Unmarshal(text, &pods); err != nil {
			return err
		}
		v.milli, v.silent = pods.Value, pods.Silent
	default:
		return json.Unmarshal(text, &v.milli)
	}
	return nil
}

func (c testCase) specs() ([]v2.MetricSpec, error) {
	specs := make([]v2.MetricSpec, len(c.Metrics))
	for i, m := range c.Metrics {
		target := resource.NewMilliQuantity(m.Target, resource.DecimalSI)
		id := v2.MetricIdentifier{Name: m.Name}
		switch m.Type {
		case "AverageValue":
			specs[i] = v2.MetricSpec{Type: v2.ExternalMetricSourceType, External: &v2.ExternalMetricSource{Metric: id, Target: v2.MetricTarget{Type: v2.AverageValueMetricType, AverageValue: target}}}
		case "Value":
			specs[i] = v2.MetricSpec{Type: v2.ExternalMetricSourceType, External: &v2.ExternalMetricSource{Metric: id, Target: v2.MetricTarget{Type: v2.ValueMetricType, Value: target}}}
		case "Pods":
			specs[i] = v2.MetricSpec{Type: v2.PodsMetricSourceType, Pods: &v2.PodsMetricSource{Metric: id, Target: v2.MetricTarget{Type: v2.AverageValueMetricType, AverageValue: target}}}
		default:
			return nil, fmt.Errorf("the metric %q has the type %q: AverageValue, Value or Pods", m.Name, m.Type)
		}
	}
	return specs, nil
}

// What the controller did at one look, and the reasons in its status.
type decision struct {
	At      int64  `json:"at"`
	Current int    `json:"current"`
	Ready   int    `json:"ready"`
	Running int    `json:"running"`
	Desired int    `json:"desired"`
	Able    string `json:"able"`
	Active  string `json:"active"`
	Limited string `json:"limited"`
}
