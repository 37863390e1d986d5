package main

import (
	"context"
	"fmt"

	authorizationv1 "k8s.io/api/authorization/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/scale"
)

var genericSteps = []step{
	{"discovery: version, groups and resources", discovered},
	{"discovery: the RESTMapper finds kinds and scopes", mapped},
	{"discovery: preferred resources", preferred},
	{"OpenAPI: version 3 has the schemas of a group", openAPI},
	{"dynamic client: create, patch, status, delete", dynamicLife},
	{"dynamic client: pages", dynamicPages},
	{"metadata client: get, list, patch", metadataOnly},
	{"scale client: a deployment by its resource", scaleClient},
	{"access reviews: what am I allowed", accessReview},
}

func discovered(_ context.Context, w *world) error {
	version, err := w.discovery.ServerVersion()
	if err != nil {
		return err
	}
	groups, resources, err := w.discovery.ServerGroupsAndResources()
	if err != nil {
		return err
	}
	return first(
		want("major", version.Major, "1"),
		want("groups", len(groups) > 15, true),
		want("lists of resources", len(resources) > 15, true))
}

func mapper(w *world) (*restmapper.DeferredDiscoveryRESTMapper, error) {
	return restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(w.discovery)), nil
}

func mapped(_ context.Context, w *world) error {
	mapper, err := mapper(w)
	if err != nil {
		return err
	}
	deployments, err := mapper.RESTMapping(schema.GroupKind{Group: "apps", Kind: "Deployment"})
	if err != nil {
		return err
	}
	nodes, err := mapper.ResourceFor(schema.GroupVersionResource{Resource: "nodes"})
	if err != nil {
		return err
	}
	short, err := restmapper.NewShortcutExpander(mapper, w.discovery, func(string) {}).
		ResourceFor(schema.GroupVersionResource{Resource: "pdb"})
	return first(err,
		want("resource", deployments.Resource.Resource, "deployments"),
		want("scope", string(deployments.Scope.Name()), "namespace"),
		want("nodes", nodes.Version, "v1"),
		want("short name", short.Resource, "poddisruptionbudgets"))
}

func preferred(_ context.Context, w *world) error {
	lists, err := discovery.ServerPreferredNamespacedResources(w.discovery)
	if err != nil {
		return err
	}
	deletable := discovery.FilteredBy(discovery.SupportsAllVerbs{Verbs: []string{"delete", "list"}}, lists)
	return want("lists", len(deletable) > 5, true)
}

func openAPI(_ context.Context, w *world) error {
	paths, err := w.discovery.OpenAPIV3().Paths()
	if err != nil {
		return err
	}
	apps, found := paths["apis/apps/v1"]
	if !found {
		return fmt.Errorf("no apis/apps/v1 among %d paths", len(paths))
	}
	text, err := apps.Schema("application/json")
	return first(err, want("text", len(text) > 1000, true))
}

func dynamicLife(ctx context.Context, w *world) error {
	deployments := w.dynamic.Resource(schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}).Namespace(w.namespace)
	labels := map[string]any{"app": "d"}
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": "d"},
		"spec": map[string]any{
			"selector": map[string]any{"matchLabels": labels},
			"template": map[string]any{
				"metadata": map[string]any{"labels": labels},
				"spec":     map[string]any{"containers": []any{map[string]any{"name": "c", "image": "i"}}},
			},
		},
	}}
	if _, err := deployments.Create(ctx, object, metav1.CreateOptions{}); err != nil {
		return err
	}
	got, err := deployments.Patch(ctx, "d", types.MergePatchType, []byte(`{"status":{"replicas":2}}`), metav1.PatchOptions{}, "status")
	if err != nil {
		return err
	}
	replicas, _, err := unstructured.NestedInt64(got.Object, "status", "replicas")
	if err != nil {
		return err
	}
	return first(want("status", replicas, int64(2)), deployments.Delete(ctx, "d", metav1.DeleteOptions{}))
}

func dynamicPages(ctx context.Context, w *world) error {
	maps := w.dynamic.Resource(configMaps).Namespace(w.namespace)
	if err := manyMaps(ctx, w, 5); err != nil {
		return err
	}
	page, err := maps.List(ctx, metav1.ListOptions{Limit: 2})
	if err != nil {
		return err
	}
	rest, err := maps.List(ctx, metav1.ListOptions{Continue: page.GetContinue()})
	if err != nil {
		return err
	}
	return first(
		want("remaining", *page.GetRemainingItemCount(), int64(3)),
		want("the rest", len(rest.Items), 3),
		want("one version", rest.GetResourceVersion(), page.GetResourceVersion()))
}

func metadataOnly(ctx context.Context, w *world) error {
	made := configMap("a", map[string]string{"k": "v"})
	made.Labels = map[string]string{"l": "1"}
	if _, err := w.typed.CoreV1().ConfigMaps(w.namespace).Create(ctx, made, metav1.CreateOptions{}); err != nil {
		return err
	}
	maps := w.metadata.Resource(configMaps).Namespace(w.namespace)
	got, err := maps.Get(ctx, "a", metav1.GetOptions{})
	if err != nil {
		return err
	}
	list, err := maps.List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	patched, err := maps.Patch(ctx, "a", types.MergePatchType, []byte(`{"metadata":{"labels":{"l":"2"}}}`), metav1.PatchOptions{})
	if err != nil {
		return err
	}
	return first(
		want("label", got.Labels["l"], "1"),
		want("listed", len(list.Items), 1),
		want("patched", patched.Labels["l"], "2"))
}

func scaleClient(ctx context.Context, w *world) error {
	if _, err := w.typed.AppsV1().Deployments(w.namespace).Create(ctx, deployment("d"), metav1.CreateOptions{}); err != nil {
		return err
	}
	mapper, err := mapper(w)
	if err != nil {
		return err
	}
	kinds := scale.NewDiscoveryScaleKindResolver(w.discovery)
	client, err := scale.NewForConfig(w.config, mapper, dynamic.LegacyAPIPathResolverFunc, kinds)
	if err != nil {
		return err
	}
	resource := schema.GroupResource{Group: "apps", Resource: "deployments"}
	got, err := client.Scales(w.namespace).Get(ctx, resource, "d", metav1.GetOptions{})
	if err != nil {
		return err
	}
	got.Spec.Replicas = 5
	if _, err := client.Scales(w.namespace).Update(ctx, resource, got, metav1.UpdateOptions{}); err != nil {
		return err
	}
	after, err := w.typed.AppsV1().Deployments(w.namespace).GetScale(ctx, "d", metav1.GetOptions{})
	if err != nil {
		return err
	}
	return want("replicas", after.Spec, autoscalingv1.ScaleSpec{Replicas: 5})
}

func accessReview(ctx context.Context, w *world) error {
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: w.namespace, Verb: "delete", Resource: "pods"},
	}}
	answer, err := w.typed.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	_, empty := w.typed.AuthorizationV1().SelfSubjectAccessReviews().
		Create(ctx, &authorizationv1.SelfSubjectAccessReview{}, metav1.CreateOptions{})
	return first(
		want("allowed", answer.Status.Allowed, true),
		want("an empty review is invalid", apierrors.IsInvalid(empty), true))
}
