{{/* Fails if the processes could open more connections than PostgreSQL should give them.

     The chassis limits each process: an api has a pool with as many connections as threads in each
     worker, a background process one for each loop and one more, and every pool may exceed its size
     by one. */}}
{{- define "kehu.check-budget" -}}
{{- $root := . }}
{{- $total := 0 }}
{{- $parts := list }}
{{- range $service, $_ := .Values.services }}
{{- $sum := 2 }}{{/* migrate */}}
{{- range $process := list "api" "consume" "relay" "jobs" "work" }}
{{- $settings := include "kehu.settings" (dict "root" $root "service" $service "process" $process) | fromYaml }}
{{- $replicas := include "kehu.most-replicas" $settings | int }}
{{- if $replicas }}
{{- $each := 3 }}
{{- if eq $process "api" }}{{ $each = mul $settings.workers (add $settings.threads 1) }}{{ end }}
{{- if eq $process "work" }}{{ $each = 5 }}{{ end }}
{{- $sum = add $sum (mul (add $replicas 1) $each) }}
{{- end }}
{{- end }}
{{- $total = add $total $sum }}
{{- $parts = append $parts (printf "%s %d" $service $sum) }}
{{- end }}
{{- if gt (mul $total 10) (mul .Values.postgresql.maxConnections 8) }}
{{- fail (printf "connection budget: the processes may open %d connections (%s), more than 0.8 of postgresql.maxConnections (%d): raise it on the server and here, or lower replicas, workers or threads" $total (join ", " $parts) (int .Values.postgresql.maxConnections)) }}
{{- end }}
{{- end }}
