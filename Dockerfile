# Contains only the static binary: its definitions are embedded, it starts no other program, and it needs no
# certificates, time zones or accounts except the node's own.
#
#   cargo static
#   buildah bud -t kube-assay:0.1.0 .        (or: docker build -t kube-assay:0.1.0 .)
#
# With the cluster's side, which trusts the CA certificates from its kubeconfig or service account:
#
#   cargo static-cluster
#   buildah bud -t kube-assay:0.1.0-cluster .
FROM scratch

ARG BINARY=target/x86_64-unknown-linux-gnu/release/kube-assay
ARG VERSION=0.1.0
ARG REVISION=

LABEL org.opencontainers.image.title="kube-assay" \
      org.opencontainers.image.description="Assays a Kubernetes node against the CIS benchmarks" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

COPY ${BINARY} /kube-assay

# No USER: the files and processes to inspect belong to root, so the container runs as uid 0. The Job limits what it may
# do with that: only two capabilities, a read-only root, no privilege escalation.
ENTRYPOINT ["/kube-assay"]
