package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	v2 "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"
	"k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"
)

var errNone = errors.New("no value")

// The pods of the case and its metrics. Only the bubble's goroutines touch it, one at a time: the controller while the test sleeps.
type world struct {
	client kubernetes.Interface
	c      testCase
	now    step
	// When each pod has started, oldest first.
	pods []time.Time
	// What the pods in the API say, by their place.
	told []string
}

func newWorld(client kubernetes.Interface, c testCase, start time.Time) *world {
	w := &world{client: client, c: c}
	for range c.Replicas {
		w.pods = append(w.pods, start)
	}
	return w
}

// The youngest go first.
func (w *world) scale(ctx context.Context, n int) {
	for len(w.pods) < n {
		w.pods = append(w.pods, time.Now().Add(time.Duration(w.c.Startup)*time.Second))
	}
	w.pods = w.pods[:n]
	w.tell(ctx, time.Now())
}

// Makes the world what the controller sees at its next look.
func (w *world) prepare(ctx context.Context, s step) {
	w.now = s
	if s.Set != nil {
		w.scale(ctx, *s.Set)
	}
	w.tell(ctx, time.Now().Add(around))
}

func (w *world) running() int {
	n, now := 0, time.Now().Add(around)
	for _, started := range w.pods {
		if !started.After(now) {
			n++
		}
	}
	return n
}

func (w *world) ready() int { return max(0, w.running()-w.now.Unready) }

// Brings the API's pods to those of the world at that moment.
func (w *world) tell(ctx context.Context, at time.Time) {
	api := w.client.CoreV1().Pods(namespace)
	started := 0
	for _, s := range w.pods {
		if !s.After(at) {
			started++
		}
	}
	for i := range max(len(w.pods), len(w.told)) {
		pod := &v1.Pod{ObjectMeta: metav1.ObjectMeta{Name: podName(i), Namespace: namespace, Labels: map[string]string{"app": name}}}
		if i >= len(w.pods) {
			must(api.Delete(ctx, pod.Name, metav1.DeleteOptions{}))
			continue
		}
		state, ready := "pending", v1.ConditionFalse
		if i < started {
			state = "unready"
			if i < started-w.now.Unready {
				state, ready = "ready", v1.ConditionTrue
			}
			pod.Status = v1.PodStatus{Phase: v1.PodRunning, Conditions: []v1.PodCondition{{Type: v1.PodReady, Status: ready}}}
		} else {
			pod.Status.Phase = v1.PodPending
		}
		if i >= len(w.told) {
			_, err := api.Create(ctx, pod, metav1.CreateOptions{})
			must(err)
			w.told = append(w.told, state)
		} else if w.told[i] != state {
			_, err := api.Update(ctx, pod, metav1.UpdateOptions{})
			must(err)
			w.told[i] = state
		}
	}
	w.told = w.told[:len(w.pods)]
}

func podName(i int) string { return fmt.Sprintf("pod-%d", i) }

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (w *world) value(metric string) (value, error) {
	for i, m := range w.c.Metrics {
		if m.Name == metric && i < len(w.now.Values) && !w.now.Values[i].missing {
			return w.now.Values[i], nil
		}
	}
	return value{}, errNone
}

func (w *world) GetExternalMetric(metric, _ string, _ labels.Selector) ([]int64, time.Time, error) {
	v, err := w.value(metric)
	return []int64{v.milli}, time.Now(), err
}

func (w *world) GetRawMetric(metric, _ string, _, _ labels.Selector) (metrics.PodMetricsInfo, time.Time, error) {
	v, err := w.value(metric)
	if err != nil {
		return nil, time.Time{}, err
	}
	info := metrics.PodMetricsInfo{}
	running := 0
	for _, started := range w.pods {
		if !started.After(time.Now()) {
			running++
		}
	}
	for i := range running - v.silent {
		info[podName(i)] = metrics.PodMetric{Timestamp: time.Now(), Window: time.Minute, Value: v.milli + int64(i)}
	}
	return info, time.Now(), nil
}

func (w *world) GetResourceMetric(context.Context, v1.ResourceName, string, labels.Selector, string) (metrics.PodMetricsInfo, time.Time, error) {
	return nil, time.Time{}, errNone
}

func (w *world) GetObjectMetric(string, string, *v2.CrossVersionObjectReference, labels.Selector) (int64, time.Time, error) {
	return 0, time.Time{}, errNone
}
