package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

//go:embed client
var client embed.FS

// entries are what pages load; everything else is imported by them.
var entries = []string{"sign.ts", "check.ts", "copy.ts", "passkey.ts", "style.css"}

// assets by the name they are served under, which holds their digest.
type assets map[string]asset

type asset struct {
	source string
	kind   string
	bytes  []byte
}

// bundle makes the scripts and styles from their sources, small and without comments.
func bundle() (assets, error) {
	made := assets{}
	for _, entry := range entries {
		built := api.Build(api.BuildOptions{
			EntryPoints:       []string{entry},
			Bundle:            true,
			MinifyWhitespace:  true,
			MinifyIdentifiers: true,
			MinifySyntax:      true,
			Charset:           api.CharsetUTF8,
			Target:            api.ES2022,
			Format:            api.FormatIIFE,
			LogLevel:          api.LogLevelSilent,
			Outdir:            "/",
			Plugins:           []api.Plugin{{Name: "embedded", Setup: embedded}},
		})
		if len(built.Errors) > 0 {
			fault := built.Errors[0]
			return nil, fmt.Errorf("bundle %s: %s at %v", entry, fault.Text, fault.Location)
		}
		made.add(entry, built.OutputFiles[0].Contents)
	}
	return made, nil
}

// embedded lets esbuild read the files of the binary and no others.
func embedded(build api.PluginBuild) {
	build.OnResolve(api.OnResolveOptions{Filter: `.*`}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
		name := path.Clean(strings.TrimPrefix(a.Path, "/"))
		if path.Ext(name) == "" {
			name += ".ts"
		}
		return api.OnResolveResult{Path: name, Namespace: "client"}, nil
	})
	build.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: "client"}, func(a api.OnLoadArgs) (api.OnLoadResult, error) {
		source, err := client.ReadFile("client/" + a.Path)
		contents, loader := string(source), api.LoaderTS
		if path.Ext(a.Path) == ".css" {
			loader = api.LoaderCSS
		}
		return api.OnLoadResult{Contents: &contents, Loader: loader}, err
	})
}

func (a assets) add(source string, contents []byte) {
	extension := strings.Replace(path.Ext(source), ".ts", ".js", 1)
	sum := sha256.Sum256(contents)
	name := strings.TrimSuffix(source, path.Ext(source)) + "." + hex.EncodeToString(sum[:8]) + extension
	a[name] = asset{source: source, kind: mime.TypeByExtension(extension), bytes: contents}
}

// address of the asset made from a source.
func (a assets) address(source string) (string, error) {
	for name, asset := range a {
		if asset.source == source {
			return "/assets/" + name, nil
		}
	}
	return "", fmt.Errorf("find asset %s: it was not bundled", source)
}

// give hands out an asset for good: another content has another name.
func (a assets) give(w http.ResponseWriter, r *http.Request) error {
	found, ok := a[r.PathValue("name")]
	if !ok {
		return errNowhere
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Content-Type", found.kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(found.bytes)))
	_, _ = w.Write(found.bytes) // the reader may be gone
	return nil
}
