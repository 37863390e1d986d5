package main

import (
	"context"
	"fmt"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

var customSteps = []step{
	{"definitions: envtest installs one and waits for it", customInstalled},
	{"definitions: the typed client sees it established", customEstablished},
	{"custom resources: defaults, pruning, validation", customValidated},
	{"custom resources: status and scale are subresources", customSubresources},
	{"custom resources: finalizers hold an object until they go", customFinalizers},
	{"custom resources: apply", customApplied},
	{"definitions: deleted, its objects go with it", customDeleted},
}

// definition makes the definition of a kind with a status and a scale. Each step has a kind of its own.
func definition(kind string) *apiextensionsv1.CustomResourceDefinition {
	plural := kind + "s"
	most := float64(10)
	spec := map[string]apiextensionsv1.JSONSchemaProps{
		"size":  {Type: "integer", Maximum: &most, Default: &apiextensionsv1.JSON{Raw: []byte("1")}},
		"shape": {Type: "string", Enum: []apiextensionsv1.JSON{{Raw: []byte(`"round"`)}, {Raw: []byte(`"square"`)}}},
	}
	return &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: plural + ".suite.example.com"},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: "suite.example.com",
			Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Kind: kind, Plural: plural, Singular: kind, ListKind: kind + "List"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: "v1", Served: true, Storage: true,
				Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{
					Type: "object",
					Properties: map[string]apiextensionsv1.JSONSchemaProps{
						"spec": {Type: "object", Properties: spec},
						"status": {Type: "object", Properties: map[string]apiextensionsv1.JSONSchemaProps{
							"size": {Type: "integer"},
						}},
					},
				}},
				Subresources: &apiextensionsv1.CustomResourceSubresources{
					Status: &apiextensionsv1.CustomResourceSubresourceStatus{},
					Scale:  &apiextensionsv1.CustomResourceSubresourceScale{SpecReplicasPath: ".spec.size", StatusReplicasPath: ".status.size"},
				},
			}},
		},
	}
}

// installed installs the definition of a kind and returns a client of its objects.
func installed(w *world, kind string) (dynamic.ResourceInterface, error) {
	_, err := envtest.InstallCRDs(w.config, envtest.CRDInstallOptions{
		CRDs: []*apiextensionsv1.CustomResourceDefinition{definition(kind)},
	})
	resource := schema.GroupVersionResource{Group: "suite.example.com", Version: "v1", Resource: kind + "s"}
	return w.dynamic.Resource(resource).Namespace(w.namespace), err
}

func thing(kind string, spec map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "suite.example.com/v1", "kind": kind, "metadata": map[string]any{"name": "a"}, "spec": spec,
	}}
}

func customInstalled(ctx context.Context, w *world) error {
	things, err := installed(w, "apple")
	if err != nil {
		return err
	}
	_, err = things.Create(ctx, thing("apple", map[string]any{}), metav1.CreateOptions{})
	return err
}

func customEstablished(ctx context.Context, w *world) error {
	client, err := clientset.NewForConfig(w.config)
	if err != nil {
		return err
	}
	_, err = client.ApiextensionsV1().CustomResourceDefinitions().Create(ctx, definition("berry"), metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	return until(ctx, "established", func(ctx context.Context) (bool, error) {
		got, err := client.ApiextensionsV1().CustomResourceDefinitions().Get(ctx, "berrys.suite.example.com", metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		for _, condition := range got.Status.Conditions {
			if condition.Type == apiextensionsv1.Established && condition.Status == apiextensionsv1.ConditionTrue {
				return true, nil
			}
		}
		return false, nil
	})
}

func customValidated(ctx context.Context, w *world) error {
	things, err := installed(w, "cherry")
	if err != nil {
		return err
	}
	_, tooLarge := things.Create(ctx, thing("cherry", map[string]any{"size": int64(11)}), metav1.CreateOptions{})
	_, noShape := things.Create(ctx, thing("cherry", map[string]any{"shape": "long"}), metav1.CreateOptions{})
	got, err := things.Create(ctx, thing("cherry", map[string]any{"unknown": "goes"}), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	spec, _, err := unstructured.NestedMap(got.Object, "spec")
	return first(err,
		want("too large", apierrors.IsInvalid(tooLarge), true),
		want("no shape", apierrors.IsInvalid(noShape), true),
		want("spec", fmt.Sprint(spec), "map[size:1]"))
}

func customSubresources(ctx context.Context, w *world) error {
	things, err := installed(w, "date")
	if err != nil {
		return err
	}
	made, err := things.Create(ctx, thing("date", map[string]any{"size": int64(3)}), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	made.Object["status"] = map[string]any{"size": int64(2)}
	made.Object["spec"] = map[string]any{"size": int64(9)}
	if _, err = things.UpdateStatus(ctx, made, metav1.UpdateOptions{}); err != nil {
		return err
	}
	scale, err := things.Get(ctx, "a", metav1.GetOptions{}, "scale")
	if err != nil {
		return err
	}
	spec, _, _ := unstructured.NestedInt64(scale.Object, "spec", "replicas")
	status, _, _ := unstructured.NestedInt64(scale.Object, "status", "replicas")
	return first(want("spec", spec, int64(3)), want("status", status, int64(2)))
}

func customFinalizers(ctx context.Context, w *world) error {
	things, err := installed(w, "elder")
	if err != nil {
		return err
	}
	made := thing("elder", map[string]any{})
	made.SetFinalizers([]string{"suite.example.com/hold"})
	if _, err := things.Create(ctx, made, metav1.CreateOptions{}); err != nil {
		return err
	}
	if err := things.Delete(ctx, "a", metav1.DeleteOptions{}); err != nil {
		return err
	}
	held, err := things.Get(ctx, "a", metav1.GetOptions{})
	if err != nil {
		return err
	}
	ending := want("ends", held.GetDeletionTimestamp() != nil, true)
	held.SetFinalizers(nil)
	if _, err := things.Update(ctx, held, metav1.UpdateOptions{}); err != nil {
		return err
	}
	_, err = things.Get(ctx, "a", metav1.GetOptions{})
	return first(ending, want("gone", apierrors.IsNotFound(err), true))
}

func customApplied(ctx context.Context, w *world) error {
	things, err := installed(w, "fig")
	if err != nil {
		return err
	}
	for _, spec := range []map[string]any{{"size": int64(2), "shape": "round"}, {"size": int64(3)}} {
		if _, err := things.Apply(ctx, "a", thing("fig", spec), metav1.ApplyOptions{FieldManager: "a"}); err != nil {
			return err
		}
	}
	_, conflict := things.Apply(ctx, "a", thing("fig", map[string]any{"size": int64(4)}), metav1.ApplyOptions{FieldManager: "b"})
	got, err := things.Get(ctx, "a", metav1.GetOptions{})
	if err != nil {
		return err
	}
	spec, _, err := unstructured.NestedMap(got.Object, "spec")
	return first(err, want("conflict", apierrors.IsConflict(conflict), true), want("spec", fmt.Sprint(spec), "map[size:3]"))
}

func customDeleted(ctx context.Context, w *world) error {
	things, err := installed(w, "grape")
	if err != nil {
		return err
	}
	if _, err := things.Create(ctx, thing("grape", map[string]any{}), metav1.CreateOptions{}); err != nil {
		return err
	}
	crds := []*apiextensionsv1.CustomResourceDefinition{definition("grape")}
	if err := envtest.UninstallCRDs(w.config, envtest.CRDInstallOptions{CRDs: crds}); err != nil {
		return err
	}
	return until(ctx, "the type goes", func(ctx context.Context) (bool, error) {
		_, err := things.List(ctx, metav1.ListOptions{})
		return apierrors.IsNotFound(err), nil
	})
}
