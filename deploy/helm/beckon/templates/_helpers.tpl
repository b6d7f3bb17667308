{{- define "beckon.name" -}}
{{- if eq .Release.Name "beckon" }}beckon{{ else }}{{ printf "%s-beckon" .Release.Name | trunc 52 | trimSuffix "-" }}{{ end -}}
{{- end -}}

{{- define "beckon.labels" -}}
app.kubernetes.io/name: beckon
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "beckon.selector" -}}
app.kubernetes.io/name: beckon
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "beckon.image" -}}
{{- $repository := required "image.repository is missing: ghcr.io/OWNER/beckon" .Values.image.repository -}}
{{- if .Values.image.digest }}{{ printf "%s@%s" $repository .Values.image.digest }}{{ else }}{{ printf "%s:%s" $repository (default .Chart.AppVersion .Values.image.tag) }}{{ end -}}
{{- end -}}

{{- /* One pod: (dict "top" $ "role" "api" "resources" … "volume" true). */ -}}
{{- define "beckon.pod" -}}
metadata:
  labels:
    {{- include "beckon.labels" .top | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
  annotations:
    checksum/settings: {{ include (print .top.Template.BasePath "/configmap.yaml") .top | sha256sum }}
    {{- with .top.Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  # Beckon calls nothing of Kubernetes.
  automountServiceAccountToken: false
  enableServiceLinks: false
  # It ends in 25 seconds at most.
  terminationGracePeriodSeconds: 30
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  {{- with .top.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: beckon
      image: {{ include "beckon.image" .top | quote }}
      imagePullPolicy: {{ .top.Values.image.pullPolicy }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      ports:
        - name: http
          containerPort: 3000
      envFrom:
        - configMapRef:
            name: {{ include "beckon.name" .top }}
        {{- with .top.Values.secretName }}
        - secretRef:
            name: {{ . }}
        {{- end }}
      env:
        - name: BECKON_ROLE
          value: {{ .role }}
        - name: BECKON_HOST
          value: 0.0.0.0
        - name: BECKON_PORT
          value: "3000"
        - name: BECKON_DATA_DIR
          value: /data
      # Migrations run at the start, and may take their time.
      startupProbe:
        httpGet: { path: /livez, port: http }
        periodSeconds: 2
        failureThreshold: 150
      # Whatever the database does: a restart would not help it.
      livenessProbe:
        httpGet: { path: /livez, port: http }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: { path: /readyz, port: http }
        periodSeconds: 1
        timeoutSeconds: 2
        failureThreshold: 2
      resources:
        {{- toYaml .resources | nindent 8 }}
      volumeMounts:
        - name: data
          mountPath: /data
        - name: tmp
          mountPath: /tmp
  volumes:
    - name: tmp
      emptyDir: {}
    {{- if .volume }}
    - name: data
      {{- if .claim }}
      persistentVolumeClaim:
        claimName: {{ .claim }}
      {{- else }}
      emptyDir: {}
      {{- end }}
    {{- end }}
  {{- with .top.Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .top.Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if .top.Values.affinity }}
  affinity:
    {{- toYaml .top.Values.affinity | nindent 4 }}
  {{- else if eq .top.Values.mode "scaled" }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "beckon.selector" .top | nindent 10 }}
          app.kubernetes.io/component: {{ .role }}
  {{- end }}
{{- end -}}
