{{/* The prefix of every resource's name. */}}
{{- define "kehu.name" -}}
{{- if contains "kehu" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-kehu{{ end }}
{{- end }}

{{/* The selector of everything in this release. */}}
{{- define "kehu.selector" -}}
app.kubernetes.io/name: kehu
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Labels of a resource; takes root, service and process. */}}
{{- define "kehu.labels" -}}
{{ include "kehu.pod-selector" . }}
app.kubernetes.io/component: {{ .service }}-{{ .process }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{/* The selector of the pods of one process of one service; takes root, service and process. */}}
{{- define "kehu.pod-selector" -}}
{{ include "kehu.selector" .root }}
kehu-service: {{ .service }}
kehu-process: {{ .process }}
{{- end }}

{{/* The settings of a process of a service, as YAML: its own override those of all services. */}}
{{- define "kehu.settings" -}}
{{- $own := get (get .root.Values.services .service) .process | default dict }}
{{- mergeOverwrite (deepCopy (get .root.Values.processes .process)) $own | toYaml }}
{{- end }}

{{/* The maximum number of replicas. */}}
{{- define "kehu.most-replicas" -}}
{{- if dig "autoscaling" "enabled" false . }}{{ max .replicas .autoscaling.maxReplicas }}{{ else }}{{ .replicas }}{{ end }}
{{- end }}

{{/* The image of a service or the gateway; takes root, service and digest. */}}
{{- define "kehu.image" -}}
{{- $image := .root.Values.image -}}
{{- with $image.registry }}{{ . }}/{{ end }}{{ $image.repository }}/{{ .service }}
{{- with .digest }}@{{ . }}{{ else }}:{{ $image.tag | default .root.Chart.AppVersion }}{{ end }}
{{- end }}

{{/* The Secret of a service or of the gateway; takes root, service and given. */}}
{{- define "kehu.secret" -}}
{{- if .given }}{{ .given }}
{{- else if .root.Values.trial.enabled }}{{ include "kehu.name" .root }}-{{ .service }}
{{- else if eq .service "gateway" }}
{{- fail "gateway.existingSecret: name the Secret that holds internal-key, or set trial.enabled" }}
{{- else }}
{{- fail (printf "services.%s.existingSecret: name the Secret that holds database-url and amqp-url, or set trial.enabled" .service) }}
{{- end }}
{{- end }}

{{- define "kehu.secret-variable" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key }}
      {{- if .optional }}
      optional: true
      {{- end }}
{{- end }}

{{/* The environment of a process of a service; takes root, service and process. */}}
{{- define "kehu.environment" -}}
{{- $given := dig .service "existingSecret" "" .root.Values.services }}
{{- $secret := include "kehu.secret" (dict "root" .root "service" .service "given" $given) -}}
{{ include "kehu.secret-variable" (dict "name" "KEHU_DATABASE_URL" "secret" $secret "key" "database-url") }}
{{- if has .process (list "consume" "relay" "work") }}
{{ include "kehu.secret-variable" (dict "name" "KEHU_AMQP_URL" "secret" $secret "key" "amqp-url") }}
- name: KEHU_AMQP_SHARED_LOGIN
  value: {{ .root.Values.rabbitmq.sharedLogin | quote }}
{{- end }}
{{- if eq .service "auth" }}
{{ include "kehu.secret-variable" (dict "name" "KEHU_INTERNAL_KEY" "secret" $secret "key" "internal-key") }}
{{- end }}
{{- if and (eq .service "auth") (eq .process "migrate") }}
{{ include "kehu.secret-variable" (dict "name" "KEHU_ADMIN_USERNAME" "secret" $secret "key" "admin-username" "optional" true) }}
{{ include "kehu.secret-variable" (dict "name" "KEHU_ADMIN_PASSWORD" "secret" $secret "key" "admin-password" "optional" true) }}
{{- end }}
{{ include "kehu.common-environment" .root }}
- name: KEHU_TIMEZONE
  value: {{ .root.Values.timezone | quote }}
- name: KEHU_CURRENCY
  value: {{ .root.Values.currency | quote }}
{{- end }}

{{- define "kehu.common-environment" -}}
- name: KEHU_AUTH_URL
  value: http://{{ include "kehu.name" . }}-auth-api:8000
- name: KEHU_BIND
  value: 0.0.0.0:8000
- name: KEHU_PROBE_BIND
  value: 0.0.0.0:9000
- name: KEHU_LOG_LEVEL
  value: {{ .Values.logLevel | quote }}
{{- with .Values.tracing.endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{- end }}

{{/* The requirements of the restricted Pod Security Standard; takes the user's number. */}}
{{- define "kehu.pod-security" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "kehu.container-security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* The specification of a pod of ours.
     Takes root, service, process, digest, environment, resources; ports unless it is a Job. */}}
{{- define "kehu.pod" -}}
serviceAccountName: {{ include "kehu.name" .root }}-{{ .service }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: 30
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- include "kehu.pod-security" 10001 | nindent 2 }}
{{- if .ports }}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - topologyKey: {{ . }}
    maxSkew: 1
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "kehu.pod-selector" $ | nindent 8 }}
  {{- end }}
{{- end }}
containers:
  - name: {{ .process }}
    image: {{ include "kehu.image" . }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args: [{{ .command | default .process }}]
    env:
      {{- .environment | nindent 6 }}
    {{- if .ports }}
    ports:
      {{- range $name, $port := .ports }}
      - name: {{ $name }}
        containerPort: {{ $port }}
      {{- end }}
    startupProbe:
      httpGet: { path: /healthz, port: probes }
      periodSeconds: 2
      timeoutSeconds: 5
      failureThreshold: 60
    livenessProbe:
      httpGet: { path: /healthz, port: probes }
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: 6
    readinessProbe:
      httpGet: { path: /readyz, port: probes }
      periodSeconds: 5
      timeoutSeconds: 5
      failureThreshold: 2
    {{- end }}
    resources:
      {{- toYaml .resources | nindent 6 }}
    securityContext:
      {{- include "kehu.container-security" . | nindent 6 }}
    volumeMounts:
      - name: tmp
        mountPath: /tmp
volumes:
  - name: tmp
    emptyDir:
      sizeLimit: 256Mi
{{- end }}

{{/* A Deployment of ours; takes what kehu.pod takes, and settings. */}}
{{- define "kehu.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "kehu.name" .root }}-{{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "kehu.labels" . | nindent 4 }}
spec:
  {{- if not (dig "autoscaling" "enabled" false .settings) }}
  replicas: {{ .settings.replicas }}
  {{- end }}
  strategy:
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
  selector:
    matchLabels:
      {{- include "kehu.pod-selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "kehu.labels" . | nindent 8 }}
    spec:
      {{- include "kehu.pod" . | nindent 6 }}
{{- end }}

{{/* NetworkPolicy peers of the release's own pods; takes root and expressions. */}}
{{- define "kehu.own-peers" -}}
- podSelector:
    {{- include "kehu.own-pods" . | nindent 4 }}
{{- end }}

{{- define "kehu.own-pods" -}}
matchLabels:
  {{- include "kehu.selector" .root | nindent 2 }}
{{- with .expressions }}
matchExpressions:
  {{- range $key, $condition := . }}
  - { key: {{ $key }}, {{ $condition }} }
  {{- end }}
{{- end }}
{{- end }}
