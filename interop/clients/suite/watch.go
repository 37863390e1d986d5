package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/record"
	toolswatch "k8s.io/client-go/tools/watch"
)

var watchSteps = []step{
	{"watch: added, modified, deleted, from a version", watchLife},
	{"watch: RetryWatcher", watchRetried},
	{"watch: UntilWithSync", watchUntil},
	{"watch: a streaming list with initial events and a bookmark", watchList},
	{"informer: adds, updates, deletions, and its lister", informer},
	{"informer: what leaves a selection is deleted from it", informerSelection},
	{"informer: dynamic", informerDynamic},
	{"informer: metadata only", informerMetadata},
	{"events: the recorder of core events counts", eventsCore},
	{"events: the recorder of events.k8s.io", eventsNew},
	{"leader election: acquired, renewed, released", election},
}

var configMaps = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}

func watchLife(ctx context.Context, w *world) error {
	maps := w.typed.CoreV1().ConfigMaps(w.namespace)
	list, err := maps.List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	watcher, err := maps.Watch(ctx, metav1.ListOptions{ResourceVersion: list.ResourceVersion})
	if err != nil {
		return err
	}
	defer watcher.Stop()
	if err := liveAndDie(ctx, w); err != nil {
		return err
	}
	return sees(ctx, watcher, watch.Added, watch.Modified, watch.Deleted)
}

// liveAndDie creates a ConfigMap, changes it and deletes it.
func liveAndDie(ctx context.Context, w *world) error {
	maps := w.typed.CoreV1().ConfigMaps(w.namespace)
	made, err := maps.Create(ctx, configMap("a", nil), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	made.Data = map[string]string{"k": "v"}
	if _, err := maps.Update(ctx, made, metav1.UpdateOptions{}); err != nil {
		return err
	}
	return maps.Delete(ctx, "a", metav1.DeleteOptions{})
}

func sees(ctx context.Context, watcher watch.Interface, wanted ...watch.EventType) error {
	for _, wanted := range wanted {
		select {
		case event, open := <-watcher.ResultChan():
			if !open || event.Type != wanted {
				return fmt.Errorf("%q instead of %s: %v", event.Type, wanted, event.Object)
			}
		case <-ctx.Done():
			return fmt.Errorf("no %s", wanted)
		}
	}
	return nil
}

func listWatch(w *world, tweak func(*metav1.ListOptions)) *cache.ListWatch {
	return cache.NewFilteredListWatchFromClient(w.typed.CoreV1().RESTClient(), "configmaps", w.namespace, tweak)
}

func watchRetried(ctx context.Context, w *world) error {
	list, err := w.typed.CoreV1().ConfigMaps(w.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	watcher, err := toolswatch.NewRetryWatcherWithContext(ctx, list.ResourceVersion, listWatch(w, func(options *metav1.ListOptions) {
		// The server ends each watch soon, so that it is begun again.
		second := int64(1)
		options.TimeoutSeconds = &second
	}))
	if err != nil {
		return err
	}
	defer watcher.Stop()
	time.Sleep(1500 * time.Millisecond)
	if err := liveAndDie(ctx, w); err != nil {
		return err
	}
	return sees(ctx, watcher, watch.Added, watch.Modified, watch.Deleted)
}

func watchUntil(ctx context.Context, w *world) error {
	maps := w.typed.CoreV1().ConfigMaps(w.namespace)
	if _, err := maps.Create(ctx, configMap("a", nil), metav1.CreateOptions{}); err != nil {
		return err
	}
	event, err := toolswatch.UntilWithSync(ctx, listWatch(w, func(*metav1.ListOptions) {}), &corev1.ConfigMap{}, nil,
		func(event watch.Event) (bool, error) { return event.Type == watch.Added, nil })
	if err != nil {
		return err
	}
	return want("name", event.Object.(*corev1.ConfigMap).Name, "a")
}

func watchList(ctx context.Context, w *world) error {
	maps := w.typed.CoreV1().ConfigMaps(w.namespace)
	if _, err := maps.Create(ctx, configMap("a", nil), metav1.CreateOptions{}); err != nil {
		return err
	}
	yes := true
	watcher, err := maps.Watch(ctx, metav1.ListOptions{
		SendInitialEvents: &yes, AllowWatchBookmarks: true,
		ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan,
	})
	if err != nil {
		return err
	}
	defer watcher.Stop()
	if err := sees(ctx, watcher, watch.Added); err != nil {
		return err
	}
	select {
	case event := <-watcher.ResultChan():
		end := event.Object.(*corev1.ConfigMap).Annotations[metav1.InitialEventsAnnotationKey]
		return first(want("type", event.Type, watch.Bookmark), want("annotation", end, "true"))
	case <-ctx.Done():
		return ctx.Err()
	}
}

// What a handler has seen.
type seen struct{ adds, updates, deletions atomic.Int32 }

func (s *seen) handler() cache.ResourceEventHandler {
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { s.adds.Add(1) },
		UpdateFunc: func(any, any) { s.updates.Add(1) },
		DeleteFunc: func(any) { s.deletions.Add(1) },
	}
}

func (s *seen) until(ctx context.Context, adds, updates, deletions int32) error {
	err := until(ctx, "events of the informer", func(context.Context) (bool, error) {
		return s.adds.Load() == adds && s.updates.Load() == updates && s.deletions.Load() == deletions, nil
	})
	if err != nil {
		return fmt.Errorf("%w: %d adds, %d updates, %d deletions", err, s.adds.Load(), s.updates.Load(), s.deletions.Load())
	}
	return nil
}

func informer(ctx context.Context, w *world) error {
	factory := informers.NewSharedInformerFactoryWithOptions(w.typed, 0, informers.WithNamespace(w.namespace))
	maps := factory.Core().V1().ConfigMaps()
	saw := &seen{}
	if _, err := maps.Informer().AddEventHandler(saw.handler()); err != nil {
		return err
	}
	if _, err := w.typed.CoreV1().ConfigMaps(w.namespace).Create(ctx, configMap("early", nil), metav1.CreateOptions{}); err != nil {
		return err
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	if err := saw.until(ctx, 1, 0, 0); err != nil {
		return err
	}
	if err := liveAndDie(ctx, w); err != nil {
		return err
	}
	if err := saw.until(ctx, 2, 1, 1); err != nil {
		return err
	}
	listed, err := maps.Lister().ConfigMaps(w.namespace).List(labels.Everything())
	return first(err, want("listed", len(listed), 1))
}

func informerSelection(ctx context.Context, w *world) error {
	factory := informers.NewSharedInformerFactoryWithOptions(w.typed, 0, informers.WithNamespace(w.namespace),
		informers.WithTweakListOptions(func(options *metav1.ListOptions) { options.LabelSelector = "in=yes" }))
	saw := &seen{}
	if _, err := factory.Core().V1().ConfigMaps().Informer().AddEventHandler(saw.handler()); err != nil {
		return err
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	maps := w.typed.CoreV1().ConfigMaps(w.namespace)
	made, err := maps.Create(ctx, configMap("a", nil), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	for number, in := range []string{"yes", "no"} {
		made.Labels = map[string]string{"in": in}
		if made, err = maps.Update(ctx, made, metav1.UpdateOptions{}); err != nil {
			return err
		}
		if err := saw.until(ctx, 1, 0, int32(number)); err != nil {
			return err
		}
	}
	return nil
}

func informerDynamic(ctx context.Context, w *world) error {
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(w.dynamic, 0, w.namespace, nil)
	return informs(ctx, w, factory.ForResource(configMaps), factory.Start)
}

func informerMetadata(ctx context.Context, w *world) error {
	factory := metadatainformer.NewFilteredSharedInformerFactory(w.metadata, 0, w.namespace, nil)
	return informs(ctx, w, factory.ForResource(configMaps), factory.Start)
}

func informs(ctx context.Context, w *world, generic informers.GenericInformer, start func(<-chan struct{})) error {
	saw := &seen{}
	if _, err := generic.Informer().AddEventHandler(saw.handler()); err != nil {
		return err
	}
	start(ctx.Done())
	cache.WaitForCacheSync(ctx.Done(), generic.Informer().HasSynced)
	if err := liveAndDie(ctx, w); err != nil {
		return err
	}
	return saw.until(ctx, 1, 1, 1)
}

func eventsCore(ctx context.Context, w *world) error {
	about, err := w.typed.CoreV1().ConfigMaps(w.namespace).Create(ctx, configMap("a", nil), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	broadcaster := record.NewBroadcaster()
	defer broadcaster.Shutdown()
	broadcaster.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: w.typed.CoreV1().Events(w.namespace)})
	recorder := broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "suite"})
	for range 2 {
		recorder.Event(about, corev1.EventTypeNormal, "Tried", "a message")
	}
	return until(ctx, "one event, counted twice", func(ctx context.Context) (bool, error) {
		list, err := w.typed.CoreV1().Events(w.namespace).List(ctx, metav1.ListOptions{FieldSelector: "involvedObject.name=a,reason=Tried"})
		return err == nil && len(list.Items) == 1 && list.Items[0].Count == 2, err
	})
}

func eventsNew(ctx context.Context, w *world) error {
	about, err := w.typed.CoreV1().ConfigMaps(w.namespace).Create(ctx, configMap("a", nil), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	broadcaster := events.NewBroadcaster(&events.EventSinkImpl{Interface: w.typed.EventsV1()})
	defer broadcaster.Shutdown()
	if err := broadcaster.StartRecordingToSinkWithContext(ctx); err != nil {
		return err
	}
	broadcaster.NewRecorder(scheme.Scheme, "suite").Eventf(about, nil, corev1.EventTypeNormal, "Tried", "Try", "a note")
	var list *eventsv1.EventList
	err = until(ctx, "one event", func(ctx context.Context) (bool, error) {
		list, err = w.typed.EventsV1().Events(w.namespace).List(ctx, metav1.ListOptions{})
		return err == nil && len(list.Items) == 1, err
	})
	if err != nil {
		return err
	}
	return first(want("reason", list.Items[0].Reason, "Tried"), want("controller", list.Items[0].ReportingController, "suite"))
}

func election(ctx context.Context, w *world) error {
	lock := &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Name: "l", Namespace: w.namespace},
		Client:     w.typed.CoordinationV1(),
		LockConfig: resourcelock.ResourceLockConfig{Identity: "me"},
	}
	leading, stop := context.WithCancel(ctx)
	defer stop()
	var lease *coordinationv1.Lease
	var failure error
	leaderelection.RunOrDie(leading, leaderelection.LeaderElectionConfig{
		Lock: lock, LeaseDuration: 3 * time.Second, RenewDeadline: 2 * time.Second, RetryPeriod: 200 * time.Millisecond,
		ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(ctx context.Context) {
				lease, failure = w.typed.CoordinationV1().Leases(w.namespace).Get(ctx, "l", metav1.GetOptions{})
				time.Sleep(500 * time.Millisecond)
				stop()
			},
			OnStoppedLeading: func() {},
		},
	})
	if failure != nil {
		return failure
	}
	released, err := w.typed.CoordinationV1().Leases(w.namespace).Get(ctx, "l", metav1.GetOptions{})
	if err != nil {
		return err
	}
	return first(want("holder", *lease.Spec.HolderIdentity, "me"), want("released", *released.Spec.HolderIdentity, ""))
}
