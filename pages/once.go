package pages

import (
	"context"
	"time"
)

// maker draws or reads, and says how many bytes the result weighs.
type maker func(context.Context) (any, int, error)

// once answers from what is kept, or makes it, one time for all who ask for the
// same at the same moment. A reader who leaves does not spoil it for the others.
func (p *Pages) once(ctx context.Context, name string, made maker) (any, error) {
	if found, ok := p.recall(name); ok {
		return found, nil
	}
	flight := p.flights.DoChan(name, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*p.pageTime)
		defer cancel()
		value, size, err := made(ctx)
		if err == nil {
			p.keep(name, value, size)
		}
		return value, err
	})
	select {
	case result := <-flight:
		return result.Val, result.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *Pages) recall(name string) (any, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept.get(name)
}

func (p *Pages) keep(name string, value any, size int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept.put(name, value, int64(size))
}

// open lets do work on the file in a sandbox that is thrown away afterwards. A
// page whose time is up is stopped together with its engine.
func (p *Pages) open(ctx context.Context, f File, do func(*sheet) error) error {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	raw, err := f.Read(ctx)
	if err != nil {
		return err
	}
	e, err := p.garage.take()
	if err != nil {
		return err
	}
	alarm := time.AfterFunc(p.pageTime, e.cancel)
	err = e.work(ctx, raw, do)
	late := !alarm.Stop()
	p.garage.give(e, late)
	if late && err != nil {
		return errComplex.Because(err)
	}
	return err
}
