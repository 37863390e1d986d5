package main

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coreapply "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

var runtimeSteps = []step{
	{"controller-runtime client: create, get, update, list, delete", runtimeLife},
	{"controller-runtime client: merge patch with optimistic lock", runtimeLock},
	{"controller-runtime client: strategic merge from", runtimeStrategic},
	{"controller-runtime client: Apply", runtimeApply},
	{"controller-runtime client: Status().Patch and Status().Update", runtimeStatus},
	{"controller-runtime client: SubResource scale", runtimeScale},
	{"controller-runtime client: SubResource eviction", runtimeEviction},
	{"controller-runtime client: CreateOrUpdate with an owner", runtimeOwner},
	{"controller-runtime client: DeleteAllOf with labels", runtimeDeleteAll},
	{"controller-runtime client: lists by field, limit and continue", runtimeLists},
	{"controller-runtime client: dry run and field owner", runtimeWrapped},
	{"controller-runtime client: partial metadata", runtimePartial},
}

func runtimeClient(w *world) (client.Client, error) {
	return client.New(w.config, client.Options{Scheme: scheme.Scheme})
}

// made creates an object with a client of controller-runtime, and returns the client.
func made(ctx context.Context, w *world, object client.Object) (client.Client, error) {
	c, err := runtimeClient(w)
	if err != nil {
		return nil, err
	}
	object.SetNamespace(w.namespace)
	return c, c.Create(ctx, object)
}

func runtimeLife(ctx context.Context, w *world) error {
	object := configMap("a", map[string]string{"k": "1"})
	c, err := made(ctx, w, object)
	if err != nil {
		return err
	}
	object.Data["k"] = "2"
	if err := c.Update(ctx, object); err != nil {
		return err
	}
	var got corev1.ConfigMap
	if err := c.Get(ctx, client.ObjectKeyFromObject(object), &got); err != nil {
		return err
	}
	var list corev1.ConfigMapList
	if err := c.List(ctx, &list, client.InNamespace(w.namespace)); err != nil {
		return err
	}
	if err := c.Delete(ctx, object, client.Preconditions{UID: &object.UID}); err != nil {
		return err
	}
	return first(
		want("data", got.Data["k"], "2"),
		want("listed", len(list.Items), 1),
		want("gone", apierrors.IsNotFound(c.Get(ctx, client.ObjectKeyFromObject(object), &got)), true))
}

func runtimeLock(ctx context.Context, w *world) error {
	object := configMap("a", nil)
	c, err := made(ctx, w, object)
	if err != nil {
		return err
	}
	stale := object.DeepCopy()
	object.Labels = map[string]string{"first": "yes"}
	if err := c.Update(ctx, object); err != nil {
		return err
	}
	changed := stale.DeepCopy()
	changed.Labels = map[string]string{"second": "yes"}
	locked := c.Patch(ctx, changed.DeepCopy(), client.MergeFromWithOptions(stale, client.MergeFromWithOptimisticLock{}))
	if err := c.Patch(ctx, changed, client.MergeFrom(stale)); err != nil {
		return err
	}
	return first(want("conflict", apierrors.IsConflict(locked), true), want("labels", len(changed.Labels), 2))
}

func runtimeStrategic(ctx context.Context, w *world) error {
	object := deployment("d")
	c, err := made(ctx, w, object)
	if err != nil {
		return err
	}
	changed := object.DeepCopy()
	changed.Spec.Template.Spec.Containers[0].Env = []corev1.EnvVar{{Name: "A", Value: "1"}}
	if err := c.Patch(ctx, changed, client.StrategicMergeFrom(object)); err != nil {
		return err
	}
	return first(
		want("containers", len(changed.Spec.Template.Spec.Containers), 1),
		want("env", changed.Spec.Template.Spec.Containers[0].Env[0].Value, "1"))
}

func runtimeApply(ctx context.Context, w *world) error {
	c, err := runtimeClient(w)
	if err != nil {
		return err
	}
	wanted := coreapply.ConfigMap("a", w.namespace).WithData(map[string]string{"k": "v"})
	if err := c.Apply(ctx, wanted, client.FieldOwner("a"), client.ForceOwnership); err != nil {
		return err
	}
	var got corev1.ConfigMap
	if err := c.Get(ctx, client.ObjectKey{Namespace: w.namespace, Name: "a"}, &got); err != nil {
		return err
	}
	return first(
		want("data", got.Data["k"], "v"),
		want("operation", got.ManagedFields[0].Operation, metav1.ManagedFieldsOperationApply))
}

func runtimeStatus(ctx context.Context, w *world) error {
	object := deployment("d")
	c, err := made(ctx, w, object)
	if err != nil {
		return err
	}
	before := object.DeepCopy()
	object.Status.Replicas = 1
	if err := c.Status().Patch(ctx, object, client.MergeFrom(before)); err != nil {
		return err
	}
	object.Status.ReadyReplicas = 1
	if err := c.Status().Update(ctx, object); err != nil {
		return err
	}
	var got appsv1.Deployment
	if err := c.Get(ctx, client.ObjectKeyFromObject(object), &got); err != nil {
		return err
	}
	return first(want("replicas", got.Status.Replicas, int32(1)), want("ready", got.Status.ReadyReplicas, int32(1)))
}

func runtimeScale(ctx context.Context, w *world) error {
	object := deployment("d")
	c, err := made(ctx, w, object)
	if err != nil {
		return err
	}
	scale := &autoscalingv1.Scale{}
	if err := c.SubResource("scale").Get(ctx, object, scale); err != nil {
		return err
	}
	scale.Spec.Replicas = 6
	if err := c.SubResource("scale").Update(ctx, object, client.WithSubResourceBody(scale)); err != nil {
		return err
	}
	if err := c.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
		return err
	}
	return want("replicas", *object.Spec.Replicas, int32(6))
}

func runtimeEviction(ctx context.Context, w *world) error {
	if err := pod(ctx, w, "p"); err != nil {
		return err
	}
	c, err := runtimeClient(w)
	if err != nil {
		return err
	}
	running := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: w.namespace}}
	zero := int64(0)
	if err := c.SubResource("eviction").Create(ctx, running, &policyv1.Eviction{DeleteOptions: &metav1.DeleteOptions{GracePeriodSeconds: &zero}}); err != nil {
		return err
	}
	return want("gone", apierrors.IsNotFound(c.Get(ctx, client.ObjectKeyFromObject(running), running)), true)
}

func runtimeOwner(ctx context.Context, w *world) error {
	owner := configMap("owner", nil)
	c, err := made(ctx, w, owner)
	if err != nil {
		return err
	}
	child := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "child", Namespace: w.namespace}}
	var results []controllerutil.OperationResult
	for range 2 {
		result, err := controllerutil.CreateOrUpdate(ctx, c, child, func() error {
			child.StringData = nil
			child.Data = map[string][]byte{"k": []byte("v")}
			return controllerutil.SetControllerReference(owner, child, scheme.Scheme)
		})
		if err != nil {
			return err
		}
		results = append(results, result)
	}
	if err := want("results", fmt.Sprint(results), "[created unchanged]"); err != nil {
		return err
	}
	if err := c.Delete(ctx, owner, client.PropagationPolicy(metav1.DeletePropagationForeground)); err != nil {
		return err
	}
	return until(ctx, "the child goes with its owner", func(ctx context.Context) (bool, error) {
		return apierrors.IsNotFound(c.Get(ctx, client.ObjectKeyFromObject(child), child)), nil
	})
}

func runtimeDeleteAll(ctx context.Context, w *world) error {
	object := configMap("goes", nil)
	object.Labels = map[string]string{"goes": "yes"}
	c, err := made(ctx, w, object)
	if err != nil {
		return err
	}
	if _, err := made(ctx, w, configMap("stays", nil)); err != nil {
		return err
	}
	if err := c.DeleteAllOf(ctx, &corev1.ConfigMap{}, client.InNamespace(w.namespace), client.MatchingLabels{"goes": "yes"}); err != nil {
		return err
	}
	var list corev1.ConfigMapList
	err = c.List(ctx, &list, client.InNamespace(w.namespace))
	return first(err, want("left", len(list.Items), 1))
}

func runtimeLists(ctx context.Context, w *world) error {
	var c client.Client
	var err error
	for _, name := range []string{"a", "b", "c"} {
		if c, err = made(ctx, w, configMap(name, nil)); err != nil {
			return err
		}
	}
	var one, page, rest corev1.ConfigMapList
	in := client.InNamespace(w.namespace)
	if err := c.List(ctx, &one, in, client.MatchingFields{"metadata.name": "b"}); err != nil {
		return err
	}
	if err := c.List(ctx, &page, in, client.Limit(2)); err != nil {
		return err
	}
	if err := c.List(ctx, &rest, in, client.Continue(page.Continue)); err != nil {
		return err
	}
	return first(want("one", len(one.Items), 1), want("page", len(page.Items), 2), want("rest", len(rest.Items), 1))
}

func runtimeWrapped(ctx context.Context, w *world) error {
	c, err := runtimeClient(w)
	if err != nil {
		return err
	}
	object := configMap("a", map[string]string{"k": "v"})
	object.Namespace = w.namespace
	if err := client.NewDryRunClient(c).Create(ctx, object.DeepCopy()); err != nil {
		return err
	}
	absent := apierrors.IsNotFound(c.Get(ctx, client.ObjectKeyFromObject(object), &corev1.ConfigMap{}))
	if err := client.WithFieldOwner(c, "owner").Create(ctx, object); err != nil {
		return err
	}
	return first(want("absent", absent, true), want("manager", object.ManagedFields[0].Manager, "owner"))
}

func runtimePartial(ctx context.Context, w *world) error {
	c, err := made(ctx, w, configMap("a", map[string]string{"k": "v"}))
	if err != nil {
		return err
	}
	var list metav1.PartialObjectMetadataList
	list.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ConfigMapList"))
	err = c.List(ctx, &list, client.InNamespace(w.namespace))
	return first(err, want("listed", len(list.Items), 1))
}
