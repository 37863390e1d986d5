package main

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/pager"
	"k8s.io/client-go/util/retry"
)

var typedSteps = []step{
	{"typed client: create, get, update, list, delete", typedLife},
	{"typed client: a stale update is a conflict, and RetryOnConflict ends it", typedConflict},
	{"typed client: JSON, merge and strategic merge patches", typedPatches},
	{"typed client: labels and fields select", typedSelectors},
	{"typed client: pages of a list (pager)", typedPages},
	{"typed client: DeleteCollection of a selection", typedDeleteCollection},
	{"typed client: preconditions of a deletion", typedPreconditions},
	{"typed client: a dry run writes nothing", typedDryRun},
	{"typed client: UpdateStatus leaves the spec, and the other way round", typedStatus},
	{"typed client: GetScale and UpdateScale", typedScale},
	{"typed client: EvictV1 with a disruption budget", typedEviction},
	{"typed client: the orphans of a deletion stay, the others go", typedPropagation},
	{"typed client: generateName, and a name that exists", typedNames},
	{"typed client: a namespace that does not exist is not found", typedNoNamespace},
	{"typed client: strict field validation", typedStrict},
	{"typed client: takes protobuf or JSON, sends JSON", takesProtobuf},
	{"typed client: sends protobuf", sendsProtobuf},
}

func configMap(name string, data map[string]string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: data}
}

// manyMaps makes ConfigMaps that are called m0, m1 and so on.
func manyMaps(ctx context.Context, w *world, count int) error {
	for number := range count {
		made := configMap(fmt.Sprint("m", number), nil)
		if _, err := w.typed.CoreV1().ConfigMaps(w.namespace).Create(ctx, made, metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	return nil
}

func deployment(name string) *appsv1.Deployment {
	labels := map[string]string{"app": name}
	replicas := int32(2)
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "i:1"}}},
			},
		},
	}
}

// pod makes a pod with the service account that kube-controller-manager would have made.
func pod(ctx context.Context, w *world, name string) error {
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "default"}}
	_, err := w.typed.CoreV1().ServiceAccounts(w.namespace).Create(ctx, account, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": name}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "i"}}},
	}
	_, err = w.typed.CoreV1().Pods(w.namespace).Create(ctx, pod, metav1.CreateOptions{})
	return err
}

func typedLife(ctx context.Context, w *world) error {
	maps := w.typed.CoreV1().ConfigMaps(w.namespace)
	made, err := maps.Create(ctx, configMap("a", map[string]string{"k": "1"}), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	made.Data["k"] = "2"
	if made, err = maps.Update(ctx, made, metav1.UpdateOptions{}); err != nil {
		return err
	}
	got, err := maps.Get(ctx, "a", metav1.GetOptions{})
	if err != nil {
		return err
	}
	list, err := maps.List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	if err := maps.Delete(ctx, "a", metav1.DeleteOptions{}); err != nil {
		return err
	}
	_, err = maps.Get(ctx, "a", metav1.GetOptions{})
	return first(
		want("data", got.Data["k"], "2"),
		want("version", got.ResourceVersion, made.ResourceVersion),
		want("listed", len(list.Items), 1),
		want("not found", apierrors.IsNotFound(err), true),
	)
}

func typedConflict(ctx context.Context, w *world) error {
	maps := w.typed.CoreV1().ConfigMaps(w.namespace)
	stale, err := maps.Create(ctx, configMap("a", map[string]string{}), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	fresh := stale.DeepCopy()
	fresh.Data = map[string]string{"by": "another"}
	if _, err = maps.Update(ctx, fresh, metav1.UpdateOptions{}); err != nil {
		return err
	}
	tries := 0
	err = retry.RetryOnConflict(retry.DefaultRetry, func() error {
		if tries++; tries > 1 {
			if stale, err = maps.Get(ctx, "a", metav1.GetOptions{}); err != nil {
				return err
			}
		}
		stale.Labels = map[string]string{"mine": "yes"}
		_, err := maps.Update(ctx, stale, metav1.UpdateOptions{})
		return err
	})
	return first(err, want("tries", tries, 2))
}

func typedPatches(ctx context.Context, w *world) error {
	deployments := w.typed.AppsV1().Deployments(w.namespace)
	if _, err := deployments.Create(ctx, deployment("d"), metav1.CreateOptions{}); err != nil {
		return err
	}
	patch := func(kind types.PatchType, text string) (*appsv1.Deployment, error) {
		return deployments.Patch(ctx, "d", kind, []byte(text), metav1.PatchOptions{})
	}
	if _, err := patch(types.JSONPatchType, `[{"op":"test","path":"/spec/replicas","value":2},{"op":"replace","path":"/spec/replicas","value":3}]`); err != nil {
		return err
	}
	if _, err := patch(types.MergePatchType, `{"metadata":{"labels":{"merged":"yes"}}}`); err != nil {
		return err
	}
	got, err := patch(types.StrategicMergePatchType, `{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"s"}]}}}}`)
	if err != nil {
		return err
	}
	return first(
		want("replicas", *got.Spec.Replicas, int32(3)),
		want("label", got.Labels["merged"], "yes"),
		want("containers", len(got.Spec.Template.Spec.Containers), 2),
	)
}

func typedSelectors(ctx context.Context, w *world) error {
	maps := w.typed.CoreV1().ConfigMaps(w.namespace)
	for _, name := range []string{"a", "b", "c"} {
		made := configMap(name, nil)
		made.Labels = map[string]string{"name": name}
		if _, err := maps.Create(ctx, made, metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	labels, err := maps.List(ctx, metav1.ListOptions{LabelSelector: "name in (a, b), name!=b"})
	if err != nil {
		return err
	}
	fields, err := maps.List(ctx, metav1.ListOptions{FieldSelector: "metadata.name=c"})
	if err != nil {
		return err
	}
	_, err = maps.List(ctx, metav1.ListOptions{FieldSelector: "data.k=1"})
	return first(
		want("by labels", len(labels.Items), 1),
		want("by a field", len(fields.Items), 1),
		want("by an unknown field: bad request", apierrors.IsBadRequest(err), true),
	)
}

func typedPages(ctx context.Context, w *world) error {
	maps := w.typed.CoreV1().ConfigMaps(w.namespace)
	if err := manyMaps(ctx, w, 10); err != nil {
		return err
	}
	pages, items := 0, 0
	lister := pager.New(func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
		pages++
		return maps.List(ctx, options)
	})
	lister.PageSize = 3
	err := lister.EachListItem(ctx, metav1.ListOptions{}, func(runtime.Object) error {
		items++
		return nil
	})
	return first(err, want("pages", pages, 4), want("items", items, 10))
}

func typedDeleteCollection(ctx context.Context, w *world) error {
	maps := w.typed.CoreV1().ConfigMaps(w.namespace)
	for _, name := range []string{"a", "b", "c"} {
		made := configMap(name, nil)
		made.Labels = map[string]string{"goes": fmt.Sprint(name != "c")}
		if _, err := maps.Create(ctx, made, metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	err := maps.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "goes=true"})
	if err != nil {
		return err
	}
	left, err := maps.List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	return first(want("left", len(left.Items), 1), want("which", left.Items[0].Name, "c"))
}

func typedPreconditions(ctx context.Context, w *world) error {
	maps := w.typed.CoreV1().ConfigMaps(w.namespace)
	made, err := maps.Create(ctx, configMap("a", nil), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	other := types.UID("another")
	err = maps.Delete(ctx, "a", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &other}})
	if !apierrors.IsConflict(err) {
		return fmt.Errorf("another uid: %v", err)
	}
	return maps.Delete(ctx, "a", metav1.DeleteOptions{
		Preconditions: &metav1.Preconditions{UID: &made.UID, ResourceVersion: &made.ResourceVersion},
	})
}

func typedDryRun(ctx context.Context, w *world) error {
	maps := w.typed.CoreV1().ConfigMaps(w.namespace)
	made, err := maps.Create(ctx, configMap("a", nil), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	if err != nil {
		return err
	}
	_, err = maps.Get(ctx, "a", metav1.GetOptions{})
	return first(want("uid", made.UID != "", true), want("not found", apierrors.IsNotFound(err), true))
}

func typedStatus(ctx context.Context, w *world) error {
	deployments := w.typed.AppsV1().Deployments(w.namespace)
	made, err := deployments.Create(ctx, deployment("d"), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	five := int32(5)
	made.Spec.Replicas, made.Status.Replicas = &five, 1
	made, err = deployments.UpdateStatus(ctx, made, metav1.UpdateOptions{})
	if err != nil {
		return err
	}
	before := first(want("spec", *made.Spec.Replicas, int32(2)), want("generation", made.Generation, int64(1)))
	made.Spec.Replicas, made.Status.Replicas = &five, 4
	if made, err = deployments.Update(ctx, made, metav1.UpdateOptions{}); err != nil {
		return err
	}
	return first(before,
		want("spec", *made.Spec.Replicas, five),
		want("generation", made.Generation, int64(2)),
		want("status", made.Status.Replicas, int32(1)))
}

func typedScale(ctx context.Context, w *world) error {
	deployments := w.typed.AppsV1().Deployments(w.namespace)
	if _, err := deployments.Create(ctx, deployment("d"), metav1.CreateOptions{}); err != nil {
		return err
	}
	scale, err := deployments.GetScale(ctx, "d", metav1.GetOptions{})
	if err != nil {
		return err
	}
	scale.Spec.Replicas = 7
	if scale, err = deployments.UpdateScale(ctx, "d", scale, metav1.UpdateOptions{}); err != nil {
		return err
	}
	got, err := deployments.Get(ctx, "d", metav1.GetOptions{})
	if err != nil {
		return err
	}
	return first(
		want("answer", scale.Spec.Replicas, int32(7)),
		want("stored", *got.Spec.Replicas, int32(7)),
		want("selector", scale.Status.Selector, "app=d"))
}

func typedEviction(ctx context.Context, w *world) error {
	if err := pod(ctx, w, "p"); err != nil {
		return err
	}
	pods := w.typed.CoreV1().Pods(w.namespace)
	running, err := pods.Get(ctx, "p", metav1.GetOptions{})
	if err != nil {
		return err
	}
	running.Status.Phase = corev1.PodRunning
	running.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
	if _, err := pods.UpdateStatus(ctx, running, metav1.UpdateOptions{}); err != nil {
		return err
	}
	budget := &policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{Name: "b"},
		Spec:       policyv1.PodDisruptionBudgetSpec{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "p"}}},
	}
	budgets := w.typed.PolicyV1().PodDisruptionBudgets(w.namespace)
	if budget, err = budgets.Create(ctx, budget, metav1.CreateOptions{}); err != nil {
		return err
	}
	// What its controller writes.
	budget.Status = policyv1.PodDisruptionBudgetStatus{ObservedGeneration: 1, CurrentHealthy: 1, DesiredHealthy: 1, ExpectedPods: 1}
	if _, err := budgets.UpdateStatus(ctx, budget, metav1.UpdateOptions{}); err != nil {
		return err
	}
	err = pods.EvictV1(ctx, &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: w.namespace}})
	if !apierrors.IsTooManyRequests(err) {
		return fmt.Errorf("not too many requests: %v", err)
	}
	return nil
}

func typedPropagation(ctx context.Context, w *world) error {
	maps := w.typed.CoreV1().ConfigMaps(w.namespace)
	for _, owner := range []string{"keeps", "takes"} {
		made, err := maps.Create(ctx, configMap(owner, nil), metav1.CreateOptions{})
		if err != nil {
			return err
		}
		child := configMap(owner+"-child", nil)
		child.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: owner, UID: made.UID}}
		if _, err := maps.Create(ctx, child, metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	orphan, background := metav1.DeletePropagationOrphan, metav1.DeletePropagationBackground
	if err := maps.Delete(ctx, "keeps", metav1.DeleteOptions{PropagationPolicy: &orphan}); err != nil {
		return err
	}
	if err := maps.Delete(ctx, "takes", metav1.DeleteOptions{PropagationPolicy: &background}); err != nil {
		return err
	}
	err := until(ctx, "the child that is no orphan", func(ctx context.Context) (bool, error) {
		_, err := maps.Get(ctx, "takes-child", metav1.GetOptions{})
		return apierrors.IsNotFound(err), nil
	})
	if err != nil {
		return err
	}
	return until(ctx, "the orphan", func(ctx context.Context) (bool, error) {
		child, err := maps.Get(ctx, "keeps-child", metav1.GetOptions{})
		return err == nil && len(child.OwnerReferences) == 0, err
	})
}

func typedNames(ctx context.Context, w *world) error {
	maps := w.typed.CoreV1().ConfigMaps(w.namespace)
	generated := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{GenerateName: "g-"}}
	made, err := maps.Create(ctx, generated, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	_, err = maps.Create(ctx, configMap(made.Name, nil), metav1.CreateOptions{})
	_, bad := maps.Create(ctx, configMap("Not_A_Name", nil), metav1.CreateOptions{})
	return first(
		want("length", len(made.Name), 7),
		want("exists", apierrors.IsAlreadyExists(err), true),
		want("bad name", apierrors.IsInvalid(bad), true))
}

func typedNoNamespace(ctx context.Context, w *world) error {
	_, err := w.typed.CoreV1().ConfigMaps("nowhere").Create(ctx, configMap("a", nil), metav1.CreateOptions{})
	return want("not found", apierrors.IsNotFound(err), true)
}

func typedStrict(ctx context.Context, w *world) error {
	body := []byte(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"dta":{}}`)
	post := func(validation string) error {
		return w.typed.CoreV1().RESTClient().Post().Namespace(w.namespace).Resource("configmaps").
			Param("fieldValidation", validation).Body(body).Do(ctx).Error()
	}
	return first(
		want("strict", apierrors.IsBadRequest(post("Strict")), true),
		post("Ignore"))
}

func withContent(w *world, sends, takes string) (*kubernetes.Clientset, error) {
	config := rest.CopyConfig(w.config)
	config.ContentType, config.AcceptContentTypes = sends, takes
	return kubernetes.NewForConfig(config)
}

const protobuf = "application/vnd.kubernetes.protobuf"

func takesProtobuf(ctx context.Context, w *world) error {
	client, err := withContent(w, "application/json", protobuf+",application/json")
	if err != nil {
		return err
	}
	if _, err := client.CoreV1().ConfigMaps(w.namespace).Create(ctx, configMap("a", nil), metav1.CreateOptions{}); err != nil {
		return err
	}
	_, err = client.CoreV1().ConfigMaps(w.namespace).List(ctx, metav1.ListOptions{})
	return err
}

func sendsProtobuf(ctx context.Context, w *world) error {
	client, err := withContent(w, protobuf, protobuf+",application/json")
	if err != nil {
		return err
	}
	_, err = client.CoreV1().ConfigMaps(w.namespace).Create(ctx, configMap("a", nil), metav1.CreateOptions{})
	return err
}
