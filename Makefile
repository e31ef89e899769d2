# `make` alone prints what there is to make.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

ARTEFACTS ?= $(CURDIR)/artefacts
FONTS := fonts-noto-core:/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf \
	fonts-noto-cjk:/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc \
	fonts-dancingscript:/usr/share/fonts/opentype/dancingscript/DancingScript-Regular.otf \
	fonts-kaushanscript:/usr/share/fonts/opentype/kaushanscript/KaushanScript-Regular.otf \
	fonts-klee:/usr/share/fonts/truetype/klee/KleeOne-Regular.ttf
ENGINE_TAGS := -tags=disable_grpc_modules
export CHANCERY_ARTEFACTS := $(ARTEFACTS)
export GOFLAGS ?= -buildvcs=false

.PHONY: help demo demo-crm run test check vet race engine-test end-to-end judges fuzz bench bench-crm race-libpdf build clean tools test-tools

help: ## print this
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: tools bin/standalone ## do the whole job once and leave the results in demo-out/ (PDF=path takes your file)
	@bin/standalone demo --out demo-out $(if $(PDF),--pdf "$(PDF)")

demo-crm: tools bin/standalone bin/chancery ## a record of a CRM becomes a signed contract and knows it, with a Salesforce stand-in; results in demo-out/crm
	@CHANCERY_ARTEFACTS=$(CURDIR)/demo-out go test -count=1 -v -run TestAnOpportunity ./e2e

run: tools bin/standalone ## start the hub on this machine and stay
	@bin/standalone run

test: check ## everything: what CI runs

check: test-tools vet race engine-test end-to-end judges fuzz

vet: ## formatting, vet, determinism of the workflows
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "not formatted: $$unformatted"; exit 1; }
	go vet ./...
	go vet -tags pkcs11 ./pki
	go vet -tags record ./workflows
	cd standalone && go vet $(ENGINE_TAGS) ./...
	go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	cd standalone && GOFLAGS="$(GOFLAGS) $(ENGINE_TAGS)" go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	go run go.temporal.io/sdk/contrib/tools/workflowcheck@v0.6.0 ./workflows/...

race: ## tests of the main module, with the race detector, real PostgreSQL and Chromium
	go test -race -timeout 20m $$(go list ./... | grep -v /e2e)
	go test -race -tags pkcs11 -run Token ./pki

engine-test: bin/standalone ## tests of the engine, the private PostgreSQL and the outbox
	cd standalone && go test $(ENGINE_TAGS) -timeout 20m ./...

end-to-end: bin/standalone bin/chancery ## crash, topology, browser and mail tests against the real server
	go test -race -count=1 -timeout 45m ./e2e

judges: ## programs of others judge what pades makes of every file of the corpus; what became of each is printed
	go test -count=1 -v -timeout 20m ./e2e/judges | grep -vE '^ *(=== |--- PASS)'

FUZZTIME ?= 60s
fuzz: ## fuzz every reader of pades, templates, tags, connectors and returned mail for FUZZTIME each (60s; make fuzz FUZZTIME=1h for longer)
	@tools/fuzz $(FUZZTIME)

bench: tools bin/standalone bin/chancery ## envelopes a second, and what the bare engine does
	@bin/standalone bench

bench-crm: tools bin/standalone ## records a second from a CRM's trigger to an envelope that is sent, and back, with the calls of its API that takes
	go test -run '^$$' -bench BenchmarkCRM -benchtime 1x -timeout 30m ./e2e

race-libpdf: ## approve with pades and with @libpdf/core of npm on the same files, and print the ratio
	@tools/need nodejs:node npm openssl poppler-utils:pdfsig
	@tools/race-libpdf

build: bin/chancery bin/standalone ## both programs

.PHONY: bin/chancery bin/standalone
bin/chancery:
	@go build -o $@ ./cmd/chancery

# The engine's server is 1,750 packages: the first build takes minutes, so it shows how far it is.
bin/standalone:
	@cd standalone && go build -v $(ENGINE_TAGS) -o ../$@ . 2>&1 | ../tools/progress

# Without the fonts everything works, but signatures in some scripts show an address; without the renderers (260 and
# 400 MB) all but templates.
RENDERERS := libreoffice-writer-nogui:/usr/lib/libreoffice/program/libswlo.so chromium
tools: ## install what running needs: PostgreSQL's binaries, qpdf for damaged uploads, fonts for every script, and what makes PDFs of templates
	@tools/need postgresql:initdb qpdf
	-@tools/need $(FONTS)
	-@tools/need $(RENDERERS)

test-tools:
	@tools/need postgresql:initdb $(FONTS) $(RENDERERS) poppler-utils:pdfsig poppler-utils:pdftoppm poppler-utils:pdfinfo qpdf mupdf-tools:mutool python3-dkim:/usr/bin/dkimverify libnss3-tools:certutil redis-server openssl nodejs:node npm softhsm2:softhsm2-util \
		default-jdk-headless:javac libbcpkix-java:/usr/share/java/bcpkix.jar libbcprov-java:/usr/share/java/bcprov.jar libpdfbox2-java:/usr/share/java/preflight.jar libactivation-java:/usr/share/java/javax.activation.jar libjaxb-api-java:/usr/share/java/jaxb-api.jar libcommons-io-java:/usr/share/java/commons-io.jar libcommons-logging-java:/usr/share/java/commons-logging.jar

clean: ## remove what was built and what the demo left
	rm -rf bin demo-out artefacts
