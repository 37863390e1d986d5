{{- define "kunobi-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "kunobi-operator.fullname" -}}
{{- $name := include "kunobi-operator.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "kunobi-operator.serviceAccountName" -}}
{{- default (include "kunobi-operator.fullname" .) .Values.serviceAccount.name }}
{{- end }}

{{- define "kunobi-operator.leaseName" -}}
{{- default (include "kunobi-operator.fullname" .) .Values.leaseName }}
{{- end }}

{{- define "kunobi-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "kunobi-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "kunobi-operator.labels" -}}
{{ include "kunobi-operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* What the program has from SIGTERM on: its own delays, then abort 2, release 3, stop 1. */}}
{{- define "kunobi-operator.programSeconds" -}}
{{- add .Values.shutdown.unreadyDelaySeconds .Values.shutdown.drainSeconds 2 3 1 }}
{{- end }}

{{- /* What the kubelet gives: preStop counts against it too. */}}
{{- define "kunobi-operator.graceSeconds" -}}
{{- add .Values.shutdown.preStopSeconds (include "kunobi-operator.programSeconds" .) }}
{{- end }}

{{- /* "true", or nothing: values kept from an earlier chart (--reuse-values) have no `leader` and no `rollout`. */}}
{{- define "kunobi-operator.fastFailover" -}}
{{- if (.Values.leader).fastFailover }}true{{ end }}
{{- end }}

{{- define "kunobi-operator.oneHandover" -}}
{{- if (.Values.rollout).oneHandover }}true{{ end }}
{{- end }}

{{- /* What the Role allows on pods, if anything. */}}
{{- define "kunobi-operator.podVerbs" -}}
{{- if and (include "kunobi-operator.fastFailover" .) (include "kunobi-operator.oneHandover" .) -}}
get, list, watch
{{- else if include "kunobi-operator.fastFailover" . -}}
get, watch
{{- else if include "kunobi-operator.oneHandover" . -}}
list
{{- end }}
{{- end }}

{{- /* The file in the container whose content the kubelet reports when the container has ended. */}}
{{- define "kunobi-operator.certificates" -}}
/dev/termination-log
{{- end }}

{{- /* The same for what is monitored. */}}
{{- define "kunobi-operator.podMonitor" -}}
{{- if (.Values.monitoring).podMonitor }}true{{ end }}
{{- end }}

{{- define "kunobi-operator.serviceMonitor" -}}
{{- if (.Values.monitoring).serviceMonitor }}true{{ end }}
{{- end }}

{{- define "kunobi-operator.rules" -}}
{{- if ((.Values.monitoring).rules).enabled }}true{{ end }}
{{- end }}

{{- define "kunobi-operator.dashboard" -}}
{{- if ((.Values.monitoring).dashboard).enabled }}true{{ end }}
{{- end }}

{{- /* By which a Prometheus chooses its monitors and rules. */}}
{{- define "kunobi-operator.monitoringLabels" -}}
{{ include "kunobi-operator.labels" . }}
{{- with .Values.monitoring.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}
