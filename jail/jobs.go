package jail

import (
	"context"
	"crypto/x509"
	"fmt"
	"time"

	"chancery/pades"
)

// job is one kind of work. What work returns beside an error still reaches the
// parent.
type job struct {
	work        func(context.Context, visit) (any, error)
	confinement confinement
}

func (j job) wall() time.Duration {
	if j.confinement == renderer {
		return RenderWall
	}
	return Wall
}

// jobs is all that can be done in a jail.
var jobs = map[string]job{
	"inspect":   {work: inspect},
	"normalise": {work: normalise},
	"mend":      {work: mend, confinement: tool},
	"verify":    {work: verify},
	"opinion":   {work: opinion},
	"erase":     {work: eraseLetters},
	"writer":    {work: renderWriter, confinement: renderer},
	"browser":   {work: renderBrowser, confinement: renderer},
}

func inspect(ctx context.Context, v visit) (any, error) {
	return pades.Inspect(ctx, v, v.size)
}

// verifyQuestion is pades.VerifyOptions in a form that goes through a pipe.
type verifyQuestion struct {
	Roots  [][]byte  `json:"roots"`
	Now    time.Time `json:"now"`
	Strict bool      `json:"strict"`
}

func verify(ctx context.Context, v visit) (any, error) {
	var asked verifyQuestion
	if err := v.ask(&asked); err != nil {
		return nil, err
	}
	options := pades.VerifyOptions{Now: asked.Now, Strict: asked.Strict}
	for _, der := range asked.Roots {
		root, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("read root: %w", err)
		}
		options.Roots = append(options.Roots, root)
	}
	return pades.Verify(ctx, v, v.size, options)
}

func opinion(ctx context.Context, v visit) (any, error) {
	var report pades.Report
	if err := v.ask(&report); err != nil {
		return nil, err
	}
	return nil, pades.SecondOpinion(ctx, v, v.size, report)
}
