package main

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	appsapply "k8s.io/client-go/applyconfigurations/apps/v1"
	coreapply "k8s.io/client-go/applyconfigurations/core/v1"
	metaapply "k8s.io/client-go/applyconfigurations/meta/v1"
)

var applySteps = []step{
	{"server-side apply: two managers of one field conflict, until one forces", applyConflict},
	{"server-side apply: what a manager leaves out goes", applyRemoves},
	{"server-side apply: Extract, change, apply again", applyExtract},
	{"server-side apply: two managers share a list of containers", applyShares},
	{"server-side apply: ApplyStatus", applyStatus},
	{"server-side apply: unstructured, with the dynamic client", applyDynamic},
}

func colours(w *world, sky string) *coreapply.ConfigMapApplyConfiguration {
	return coreapply.ConfigMap("colours", w.namespace).WithData(map[string]string{"sky": sky})
}

func applyConflict(ctx context.Context, w *world) error {
	maps := w.typed.CoreV1().ConfigMaps(w.namespace)
	if _, err := maps.Apply(ctx, colours(w, "blue"), metav1.ApplyOptions{FieldManager: "a"}); err != nil {
		return err
	}
	_, err := maps.Apply(ctx, colours(w, "grey"), metav1.ApplyOptions{FieldManager: "b"})
	if !apierrors.IsConflict(err) {
		return fmt.Errorf("the second manager: %v", err)
	}
	got, err := maps.Apply(ctx, colours(w, "grey"), metav1.ApplyOptions{FieldManager: "b", Force: true})
	if err != nil {
		return err
	}
	return first(want("sky", got.Data["sky"], "grey"), want("managers", len(got.ManagedFields), 1))
}

func applyRemoves(ctx context.Context, w *world) error {
	maps := w.typed.CoreV1().ConfigMaps(w.namespace)
	options := metav1.ApplyOptions{FieldManager: "a"}
	whole := colours(w, "blue").WithData(map[string]string{"sea": "green"})
	if _, err := maps.Apply(ctx, whole, options); err != nil {
		return err
	}
	got, err := maps.Apply(ctx, colours(w, "blue"), options)
	if err != nil {
		return err
	}
	return want("keys", len(got.Data), 1)
}

func applyExtract(ctx context.Context, w *world) error {
	maps := w.typed.CoreV1().ConfigMaps(w.namespace)
	options := metav1.ApplyOptions{FieldManager: "a"}
	got, err := maps.Apply(ctx, colours(w, "blue"), options)
	if err != nil {
		return err
	}
	mine, err := coreapply.ExtractConfigMap(got, "a")
	if err != nil {
		return err
	}
	if got, err = maps.Apply(ctx, mine.WithData(map[string]string{"sea": "green"}), options); err != nil {
		return err
	}
	return first(want("sky", got.Data["sky"], "blue"), want("sea", got.Data["sea"], "green"))
}

func withContainer(w *world, name string) *appsapply.DeploymentApplyConfiguration {
	labels := map[string]string{"app": "d"}
	return appsapply.Deployment("d", w.namespace).WithSpec(appsapply.DeploymentSpec().
		WithSelector(metaapply.LabelSelector().WithMatchLabels(labels)).
		WithTemplate(coreapply.PodTemplateSpec().WithLabels(labels).WithSpec(coreapply.PodSpec().
			WithContainers(coreapply.Container().WithName(name).WithImage("i:1")))))
}

func applyShares(ctx context.Context, w *world) error {
	deployments := w.typed.AppsV1().Deployments(w.namespace)
	for _, manager := range []string{"a", "b"} {
		options := metav1.ApplyOptions{FieldManager: manager}
		if _, err := deployments.Apply(ctx, withContainer(w, manager), options); err != nil {
			return err
		}
	}
	got, err := deployments.Get(ctx, "d", metav1.GetOptions{})
	if err != nil {
		return err
	}
	return want("containers", len(got.Spec.Template.Spec.Containers), 2)
}

func applyStatus(ctx context.Context, w *world) error {
	deployments := w.typed.AppsV1().Deployments(w.namespace)
	options := metav1.ApplyOptions{FieldManager: "a"}
	if _, err := deployments.Apply(ctx, withContainer(w, "c"), options); err != nil {
		return err
	}
	status := appsapply.Deployment("d", w.namespace).
		WithStatus(appsapply.DeploymentStatus().WithReplicas(3).WithObservedGeneration(1))
	got, err := deployments.ApplyStatus(ctx, status, options)
	if err != nil {
		return err
	}
	return first(want("replicas", got.Status.Replicas, int32(3)), want("managers", len(got.ManagedFields), 2))
}

func applyDynamic(ctx context.Context, w *world) error {
	maps := w.dynamic.Resource(configMaps).Namespace(w.namespace)
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a"}, "data": map[string]any{"k": "v"},
	}}
	got, err := maps.Apply(ctx, "a", object, metav1.ApplyOptions{FieldManager: "d"})
	if err != nil {
		return err
	}
	value, _, err := unstructured.NestedString(got.Object, "data", "k")
	return first(err, want("data", value, "v"))
}
