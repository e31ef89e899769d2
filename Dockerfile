# The hub without the engine: `chancery serve`, `chancery worker` and the tools.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -buildvcs=false -o /chancery ./cmd/chancery

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates tzdata qpdf libreoffice-writer-nogui chromium \
      fonts-noto-core fonts-noto-cjk fonts-dancingscript fonts-kaushanscript fonts-klee && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home /var/lib/chancery --create-home chancery \
 && install -d -o chancery -m 0700 /etc/chancery /var/lib/chancery/vault
COPY --from=build /chancery /usr/local/bin/chancery
USER chancery
VOLUME /var/lib/chancery /etc/chancery
EXPOSE 8080 9090
ENTRYPOINT ["chancery"]
