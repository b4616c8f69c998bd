package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	v2 "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta/testrestmapper"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	scalefake "k8s.io/client-go/scale/fake"
	core "k8s.io/client-go/testing"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	defaults "k8s.io/kubernetes/pkg/apis/autoscaling/v2"
	"k8s.io/kubernetes/pkg/controller/podautoscaler"
)

const (
	sync      = 15 * time.Second
	around    = 5 * time.Second
	namespace = "case"
	name      = "service"
	selector  = "app=service"
)

// The controller looks at 15, 30, 45 … seconds; 5 s before, the world becomes what it is then, and 5 s after, what the controller did is read.
func replay(t *testing.T, c testCase) []decision {
	ctx, cancel := context.WithCancel(context.Background())
	start := time.Now()
	client := fake.NewSimpleClientset()
	hpa := create(t, ctx, client, c)
	w := newWorld(client, c, start)
	looks := 0
	scales := &scalefake.FakeScaleClient{}
	scales.AddReactor("get", "deployments", func(core.Action) (bool, runtime.Object, error) {
		looks++
		n := int32(len(w.pods))
		return true, &autoscalingv1.Scale{
			ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
			Spec:       autoscalingv1.ScaleSpec{Replicas: n},
			Status:     autoscalingv1.ScaleStatus{Replicas: n, Selector: selector},
		}, nil
	})
	scales.AddReactor("update", "deployments", func(a core.Action) (bool, runtime.Object, error) {
		scale := a.(core.UpdateAction).GetObject().(*autoscalingv1.Scale)
		w.scale(ctx, int(scale.Spec.Replicas))
		return true, scale, nil
	})
	events := fake.NewSimpleClientset()
	events.PrependReactor("*", "events", func(core.Action) (bool, runtime.Object, error) { return true, &v1.Event{}, nil })
	// Without a period informers wait on a channel that all cases would share. Kubernetes' own is 12 hours too.
	shared := informers.NewSharedInformerFactory(client, 12*time.Hour)
	controller := podautoscaler.NewHorizontalController(ctx, events.CoreV1(), scales, client.AutoscalingV2(),
		testrestmapper.TestOnlyStaticRESTMapper(legacyscheme.Scheme), w, shared.Autoscaling().V2().HorizontalPodAutoscalers(), shared.Core().V1().Pods(),
		sync, time.Duration(c.DownscaleStabilization)*time.Second, c.Tolerance, 5*time.Minute, 30*time.Second)
	shared.Start(ctx.Done())
	go controller.Run(ctx, 1)

	decisions := make([]decision, len(c.Steps))
	time.Sleep(sync - around)
	for i, step := range c.Steps {
		w.prepare(ctx, step)
		synctest.Wait()
		d := decision{At: (time.Since(start) + around).Milliseconds(), Current: len(w.pods), Ready: w.ready(), Running: w.running()}
		looks = 0
		time.Sleep(2 * around)
		synctest.Wait()
		if looks != 1 {
			t.Fatalf("step %d: the controller looked %d times within 10 s, not once", i, looks)
		}
		d.Desired = len(w.pods)
		d.Able, d.Active, d.Limited = reasons(t, ctx, client, hpa)
		decisions[i] = d
		client.ClearActions()
		events.ClearActions()
		scales.ClearActions()
		time.Sleep(sync - 2*around)
	}
	cancel()
	shared.Shutdown()
	synctest.Wait()
	return decisions
}

func create(t *testing.T, ctx context.Context, client *fake.Clientset, c testCase) string {
	specs, err := c.specs()
	if err != nil {
		t.Fatal(err)
	}
	h := &v2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace, UID: "hpa"},
		Spec: v2.HorizontalPodAutoscalerSpec{
			MinReplicas: &c.MinReplicas, MaxReplicas: c.MaxReplicas, Metrics: specs, Behavior: c.Behavior,
			ScaleTargetRef: v2.CrossVersionObjectReference{Kind: "Deployment", Name: name, APIVersion: "apps/v1"},
		},
	}
	// What the API server would fill in.
	defaults.SetDefaults_HorizontalPodAutoscaler(h)
	if _, err := client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Create(ctx, h, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return h.Name
}

func reasons(t *testing.T, ctx context.Context, client *fake.Clientset, hpa string) (able, active, limited string) {
	h, err := client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Get(ctx, hpa, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, condition := range h.Status.Conditions {
		switch condition.Type {
		case v2.AbleToScale:
			able = condition.Reason
		case v2.ScalingActive:
			active = condition.Reason
		case v2.ScalingLimited:
			limited = condition.Reason
		}
	}
	return able, active, limited
}
