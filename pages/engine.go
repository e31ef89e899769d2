package pages

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// memoryLimit of one sandbox in WebAssembly pages of 64 KiB: 256 MiB hold a
// document of 50 MB and its largest picture.
const memoryLimit = 4096

// engine is PDFium compiled to machine code. One goroutine uses it at a time.
type engine struct {
	pool   pdfium.Pool
	cancel context.CancelFunc
}

func startEngine(library wazero.CompilationCache) (*engine, error) {
	ctx, cancel := context.WithCancel(context.Background())
	pool, err := webassembly.Init(webassembly.Config{
		Context:  ctx,
		MaxIdle:  0, // a sandbox serves once
		MaxTotal: 1,
		FSConfig: wazero.NewFSConfig(), // no files: the default would be all of them
		Stdout:   io.Discard,
		Stderr:   io.Discard,
		RuntimeConfig: wazero.NewRuntimeConfig().
			WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
			WithCompilationCache(library).
			WithMemoryLimitPages(memoryLimit).
			WithCloseOnContextDone(true), // so that cancel stops a page whose time is up
	})
	if err != nil {
		cancel()
		return nil, fmt.Errorf("start the engine for pages: %w", err)
	}
	return &engine{pool: pool, cancel: cancel}, nil
}

// sandbox returns a fresh instance; whoever asks closes it.
func (e *engine) sandbox(ctx context.Context) (pdfium.Pdfium, error) {
	box, err := e.pool.GetInstanceWithContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("start a sandbox for pages: %w", err)
	}
	return box, nil
}

func (e *engine) close() error {
	defer e.cancel()
	return e.pool.Close()
}

func openLibrary(dir string) (wazero.CompilationCache, error) {
	if dir == "" {
		return wazero.NewCompilationCache(), nil
	}
	library, err := wazero.NewCompilationCacheWithDir(dir)
	if err != nil {
		return nil, fmt.Errorf("open the cache of the engine for pages: %w", err)
	}
	return library, nil
}

func closeAll(engines []*engine, library wazero.CompilationCache) error {
	var errs []error
	for _, e := range engines {
		errs = append(errs, e.close())
	}
	if library != nil {
		errs = append(errs, library.Close(context.Background()))
	}
	return errors.Join(errs...)
}
