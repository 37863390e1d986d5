package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

var managerSteps = []step{
	{"manager: a reconciler with a finalizer, an owned object and its status", managerReconciles},
	{"manager: its cache has an index of a field", managerIndex},
	{"manager: its cache watches metadata only", managerMetadata},
	{"manager: leader election: a Lease, and its release", managerElection},
	{"manager: its recorder of events", managerEvents},
}

// running starts a manager that sees the namespace of the step. The function that is returned stops it.
func running(ctx context.Context, w *world, tweak func(*ctrl.Options), set func(ctrl.Manager) error) (ctrl.Manager, func() error, error) {
	options := ctrl.Options{
		Scheme:     scheme.Scheme,
		Metrics:    server.Options{BindAddress: "0"},
		Cache:      cache.Options{DefaultNamespaces: map[string]cache.Config{w.namespace: {}}},
		Controller: config.Controller{SkipNameValidation: new(true)},
	}
	tweak(&options)
	manager, err := ctrl.NewManager(w.config, options)
	if err != nil {
		return nil, nil, err
	}
	if err := set(manager); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(ctx) }()
	stop := func() error {
		cancel()
		return <-ended
	}
	if !manager.GetCache().WaitForCacheSync(ctx) {
		return nil, nil, fmt.Errorf("the cache: %w", stop())
	}
	return manager, stop, nil
}

func asIs(*ctrl.Options) {}

const finalizer = "suite.example.com/clean"

// A copier keeps a Secret for each ConfigMap, and a finalizer on it.
type copier struct{ client.Client }

func (c copier) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var source corev1.ConfigMap
	if err := c.Get(ctx, request.NamespacedName, &source); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !source.DeletionTimestamp.IsZero() {
		controllerutil.RemoveFinalizer(&source, finalizer)
		return ctrl.Result{}, c.Update(ctx, &source)
	}
	if controllerutil.AddFinalizer(&source, finalizer) {
		return ctrl.Result{}, c.Update(ctx, &source)
	}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: source.Name, Namespace: source.Namespace}}
	_, err := controllerutil.CreateOrUpdate(ctx, c, secret, func() error {
		secret.Data = map[string][]byte{"copy": []byte(source.Data["k"])}
		return controllerutil.SetControllerReference(&source, secret, scheme.Scheme)
	})
	return ctrl.Result{}, err
}

func managerReconciles(ctx context.Context, w *world) error {
	_, stop, err := running(ctx, w, asIs, func(manager ctrl.Manager) error {
		return ctrl.NewControllerManagedBy(manager).For(&corev1.ConfigMap{}).Owns(&corev1.Secret{}).
			Complete(copier{manager.GetClient()})
	})
	if err != nil {
		return err
	}
	maps := w.typed.CoreV1().ConfigMaps(w.namespace)
	if _, err := maps.Create(ctx, configMap("a", map[string]string{"k": "v"}), metav1.CreateOptions{}); err != nil {
		return err
	}
	secrets := w.typed.CoreV1().Secrets(w.namespace)
	copied := func(ctx context.Context) (bool, error) {
		got, err := secrets.Get(ctx, "a", metav1.GetOptions{})
		return err == nil && string(got.Data["copy"]) == "v", client.IgnoreNotFound(err)
	}
	if err := until(ctx, "the copy", copied); err != nil {
		return err
	}
	if err := secrets.Delete(ctx, "a", metav1.DeleteOptions{}); err != nil {
		return err
	}
	if err := until(ctx, "the copy again", copied); err != nil {
		return err
	}
	if err := maps.Delete(ctx, "a", metav1.DeleteOptions{}); err != nil {
		return err
	}
	err = until(ctx, "the end of both", func(ctx context.Context) (bool, error) {
		_, source := maps.Get(ctx, "a", metav1.GetOptions{})
		_, copy := secrets.Get(ctx, "a", metav1.GetOptions{})
		return apierrors.IsNotFound(source) && apierrors.IsNotFound(copy), nil
	})
	return first(err, stop())
}

func managerIndex(ctx context.Context, w *world) error {
	manager, stop, err := running(ctx, w, asIs, func(manager ctrl.Manager) error {
		return manager.GetFieldIndexer().IndexField(ctx, &corev1.ConfigMap{}, "data.k", func(object client.Object) []string {
			return []string{object.(*corev1.ConfigMap).Data["k"]}
		})
	})
	if err != nil {
		return err
	}
	for _, value := range []string{"x", "y"} {
		if err := manager.GetClient().Create(ctx, inNamespace(w, configMap(value, map[string]string{"k": value}))); err != nil {
			return err
		}
	}
	err = until(ctx, "the index", func(ctx context.Context) (bool, error) {
		var list corev1.ConfigMapList
		err := manager.GetClient().List(ctx, &list, client.MatchingFields{"data.k": "y"})
		return len(list.Items) == 1 && list.Items[0].Name == "y", err
	})
	return first(err, stop())
}

func inNamespace(w *world, object *corev1.ConfigMap) *corev1.ConfigMap {
	object.Namespace = w.namespace
	return object
}

type named struct{ names chan string }

func (n named) Reconcile(_ context.Context, request ctrl.Request) (ctrl.Result, error) {
	n.names <- request.Name
	return ctrl.Result{}, nil
}

func managerMetadata(ctx context.Context, w *world) error {
	saw := named{make(chan string, 10)}
	manager, stop, err := running(ctx, w, asIs, func(manager ctrl.Manager) error {
		return ctrl.NewControllerManagedBy(manager).For(&corev1.ConfigMap{}, builder.OnlyMetadata).Complete(saw)
	})
	if err != nil {
		return err
	}
	if err := manager.GetClient().Create(ctx, inNamespace(w, configMap("a", nil))); err != nil {
		return err
	}
	select {
	case name := <-saw.names:
		return first(want("name", name, "a"), stop())
	case <-ctx.Done():
		return ctx.Err()
	}
}

func managerElection(ctx context.Context, w *world) error {
	elected := func(options *ctrl.Options) {
		options.LeaderElection = true
		options.LeaderElectionID = "suite"
		options.LeaderElectionNamespace = w.namespace
		options.LeaderElectionReleaseOnCancel = true
		options.LeaseDuration, options.RenewDeadline, options.RetryPeriod = new(3*time.Second), new(2*time.Second), new(200*time.Millisecond)
	}
	manager, stop, err := running(ctx, w, elected, func(ctrl.Manager) error { return nil })
	if err != nil {
		return err
	}
	select {
	case <-manager.Elected():
	case <-ctx.Done():
		return fmt.Errorf("not elected: %w", stop())
	}
	leases := w.typed.CoordinationV1().Leases(w.namespace)
	held, err := leases.Get(ctx, "suite", metav1.GetOptions{})
	if err != nil {
		return err
	}
	if err := stop(); err != nil {
		return err
	}
	released, err := leases.Get(ctx, "suite", metav1.GetOptions{})
	if err != nil {
		return err
	}
	return first(
		want("held", *held.Spec.HolderIdentity != "", true),
		want("released", *released.Spec.HolderIdentity, ""))
}

func managerEvents(ctx context.Context, w *world) error {
	manager, stop, err := running(ctx, w, asIs, func(ctrl.Manager) error { return nil })
	if err != nil {
		return err
	}
	about := inNamespace(w, configMap("a", nil))
	if err := manager.GetClient().Create(ctx, about); err != nil {
		return err
	}
	manager.GetEventRecorder("suite").Eventf(about, nil, corev1.EventTypeNormal, "Tried", "Try", "a note")
	err = until(ctx, "the event", func(ctx context.Context) (bool, error) {
		list, err := w.typed.CoreV1().Events(w.namespace).List(ctx, metav1.ListOptions{})
		return err == nil && len(list.Items) == 1 && list.Items[0].Reason == "Tried", err
	})
	return first(err, stop())
}
