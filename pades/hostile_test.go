package pades_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"chancery/pades"
	"chancery/problem"
)

// What one hostile file may cost at most. Half a second is the most on an idle
// machine; the test must also hold on a crowded one under the race detector.
// Memory counts everything allocated, even what is free again.
const (
	hostileTime   = 20 * time.Second
	hostileMemory = 600 << 20
)

func TestHostileFilesEndInAReportOrARefusalWithinTheLimits(t *testing.T) {
	for _, path := range pdfsIn(t, corpus(t, "hostile", 31)) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			found, err := pades.Inspect(context.Background(), bytes.NewReader(data), int64(len(data)))
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			allocated := after.TotalAlloc - before.TotalAlloc
			t.Logf("%d pages, %d objects, %v; %s, %d MB", len(found.Pages), found.Objects, err, took.Round(time.Millisecond), allocated>>20)
			if took > hostileTime || allocated > hostileMemory {
				t.Errorf("took %s and %d MB", took, allocated>>20)
			}
			var p *problem.Problem
			if err != nil && !errors.As(err, &p) {
				t.Errorf("an accident instead of a refusal: %v", err)
			}
		})
	}
}

func TestActiveContentIsRefused(t *testing.T) {
	dir := corpus(t, "hostile", 3)
	for _, name := range []string{"javascript-openaction.pdf", "launch-action.pdf", "submitform-xfa.pdf"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pades.Inspect(context.Background(), bytes.NewReader(data), int64(len(data))); !problem.Has(err, "pdf_active_content") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestChangesAfterSigningAreSeenInForeignFiles(t *testing.T) {
	dir := corpus(t, "attacked", 10)
	pemRoot, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(pemRoot)
	root, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range pdfsIn(t, dir) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		report, err := pades.Verify(context.Background(), bytes.NewReader(data), int64(len(data)),
			pades.VerifyOptions{Roots: []*x509.Certificate{root}, Now: time.Now()})
		name := filepath.Base(path)
		t.Logf("%s: %s, %d signatures, %v", name, report.Verdict, len(report.Signatures), err)
		if strings.HasPrefix(name, "a") && report.Verdict == pades.Intact {
			t.Errorf("%s: a forbidden change passes as intact: %+v", name, report)
		}
	}
}

// The manipulated files of the shadow and certification attacks all carry bytes
// after their last signature, or a signature under a root that nobody trusts.
func TestNoManipulatedFileIsIntact(t *testing.T) {
	for _, path := range pdfsIn(t, corpus(t, "signed", 154)) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		report, err := pades.Verify(context.Background(), bytes.NewReader(data), int64(len(data)), pades.VerifyOptions{Now: time.Now()})
		if took := time.Since(start); took > hostileTime {
			t.Errorf("%s took %s", filepath.Base(path), took)
		}
		if err == nil && report.Verdict == pades.Intact {
			t.Errorf("%s is intact although no root is trusted", filepath.Base(path))
		}
		for _, s := range report.Signatures {
			if s.WholeFile && strings.Contains(path, "shadow-") && strings.Contains(path, "manipulated") {
				t.Errorf("%s: a signature claims to cover what was added later", filepath.Base(path))
			}
		}
	}
}
