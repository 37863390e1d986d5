{{- /* What the schema can't say in words that help. */}}
{{- define "kunobi-operator.check" -}}
{{- range .Values.extraEnv }}
{{- if has .name (list "POD_NAME" "POD_NAMESPACE" "POD_IP" "HA_LEASE" "HA_GRACE_PERIOD_SECONDS" "HA_UNREADY_DELAY_SECONDS" "HA_DEATH_CERTIFICATES" "HA_SUCCESSOR") }}
{{- fail (printf "extraEnv: %s is set by the chart; see leaseName, shutdown, leader and rollout" .name) }}
{{- end }}
{{- end }}
{{- range $where, $labels := dict "labels" .Values.labels "monitoring.labels" (.Values.monitoring).labels "monitoring.dashboard.labels" ((.Values.monitoring).dashboard).labels }}
{{- range $key, $_ := $labels }}
{{- if or (hasPrefix "app.kubernetes.io/" $key) (eq $key "helm.sh/chart") }}
{{- fail (printf "%s: %s is set by the chart" $where $key) }}
{{- end }}
{{- if and (ne $where "labels") (hasKey ($.Values.labels | default dict) $key) }}
{{- fail (printf "%s: %s is in labels, too; take it out of one of the two" $where $key) }}
{{- end }}
{{- end }}
{{- end }}
{{- if and (include "kunobi-operator.podMonitor" .) (include "kunobi-operator.serviceMonitor" .) }}
{{- fail "monitoring: not podMonitor and serviceMonitor, for each replica would be scraped twice; turn one of the two off" }}
{{- end }}
{{- if and ((.Values.monitoring).rules).everyLease (not (include "kunobi-operator.rules" .)) }}
{{- fail "monitoring.rules: everyLease without enabled installs no alerts; set monitoring.rules.enabled=true, too" }}
{{- end }}
{{- if include "kunobi-operator.fastFailover" . }}
{{- include "kunobi-operator.checkFastFailover" . }}
{{- end }}
{{- if and (include "kunobi-operator.oneHandover" .) .Values.hostNetwork }}
{{- fail "rollout.oneHandover: not with hostNetwork, for no pod on the network of its node is named as a successor; turn one of the two off" }}
{{- end }}
{{- end }}

{{- /* What makes a certificate of death wrong, or useless. */}}
{{- define "kunobi-operator.checkFastFailover" -}}
{{- if .Values.shareProcessNamespace }}
{{- fail "leader.fastFailover: not with shareProcessNamespace, for then the end of a container does not mean that its processes have ended; turn one of the two off" }}
{{- end }}
{{- if .Values.hostNetwork }}
{{- fail "leader.fastFailover: not with hostNetwork, for the host name is then that of the node, and the holder of the Lease must be the name of a pod; turn one of the two off" }}
{{- end }}
{{- $path := include "kunobi-operator.certificates" . }}
{{- range .Values.extraVolumeMounts }}
{{- $at := clean (printf "/%s" .mountPath) }}
{{- if hasPrefix (printf "%s/" (trimSuffix "/" $at)) (printf "%s/" $path) }}
{{- fail (printf "leader.fastFailover: not with %q of extraVolumeMounts at %s, which hides %s, where the program writes its certificates; mount it elsewhere, or turn leader.fastFailover off" .name .mountPath $path) }}
{{- end }}
{{- end }}
{{- range .Values.extraEnv }}
{{- if eq .name "HA_TERMINATION_LOG" }}
{{- fail (printf "leader.fastFailover: not with HA_TERMINATION_LOG in extraEnv, for the kubelet reads %s; leave the variable out, or turn leader.fastFailover off" $path) }}
{{- end }}
{{- end }}
{{- range $key, $value := .Values.nodeSelector }}
{{- if and (has $key (list "kubernetes.io/os" "beta.kubernetes.io/os")) (ne $value "linux") }}
{{- fail (printf "leader.fastFailover: not with %s: %s in nodeSelector, for only on Linux does the end of a container mean that its processes have ended; turn leader.fastFailover off" $key $value) }}
{{- end }}
{{- end }}
{{- $nodes := ((.Values.affinity).nodeAffinity).requiredDuringSchedulingIgnoredDuringExecution }}
{{- range ($nodes).nodeSelectorTerms }}
{{- range .matchExpressions }}
{{- if and (has .key (list "kubernetes.io/os" "beta.kubernetes.io/os")) (eq .operator "In") (has "windows" .values) }}
{{- fail (printf "leader.fastFailover: not with windows among the values of %s in affinity, for only on Linux does the end of a container mean that its processes have ended; turn leader.fastFailover off" .key) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
