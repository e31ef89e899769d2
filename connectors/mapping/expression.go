package mapping

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"
	"google.golang.org/protobuf/types/known/structpb"

	"chancery/problem"
)

// Limits of one evaluation. The cost is CEL's own count of steps and of the sizes
// it copies; the time is the second net, for a machine that is busy.
const (
	maxCost     = 20_000
	evalTime    = 50 * time.Millisecond
	checkEvery  = 64     // comprehension steps between looks at the time
	maxListSize = 10_000 // elements of a list that an expression makes
)

// dialect is what expressions may say: the record, the envelope, text, lists and
// sums. There are no functions that ask for the time or for anything outside, so
// the same record gives the same envelope.
var dialect = func() *cel.Env {
	env, err := cel.NewEnv(
		cel.Variable("record", cel.DynType),   // fields as the system names them
		cel.Variable("envelope", cel.DynType), // on the way back; empty before
		cel.OptionalTypes(), ext.Strings(), ext.Math(), ext.Lists(ext.ListsMaxRangeSize(maxListSize)),
	)
	if err != nil {
		panic(err) // our own declarations do not fit together
	}
	return env
}()

// timed is the dialect of start.when, which may ask what time it is: what only time
// brings about, such as the end of a contract, begins by a schedule.
var timed = func() *cel.Env {
	env, err := dialect.Extend(cel.Variable("now", cel.TimestampType))
	if err != nil {
		panic(err) // our own declarations do not fit together
	}
	return env
}()

// expression is one that has been compiled.
type expression struct{ program cel.Program }

// compile reads an expression of a mapping. What is wrong is said with its place.
func compile(env *cel.Env, source string) (expression, error) {
	program, err := prepare(env, source)
	return expression{program}, err
}

func prepare(env *cel.Env, source string) (cel.Program, error) {
	if len(source) > MaxExpression {
		return nil, problem.TooLarge("expression_too_long", "An expression is longer than 4000 characters.")
	}
	tree, issues := env.Compile(source)
	if issues.Err() != nil {
		return nil, problem.Invalid("expression_invalid", "The expression cannot be read: "+firstIssue(issues)).Because(issues.Err())
	}
	program, err := env.Program(tree, cel.CostLimit(maxCost), cel.InterruptCheckFrequency(checkEvery))
	if err != nil {
		return nil, problem.Invalid("expression_invalid", "The expression cannot be prepared.").Because(err)
	}
	return program, nil
}

func firstIssue(issues *cel.Issues) string {
	first := issues.Errors()[0]
	return fmt.Sprintf("line %d, column %d: %s", first.Location.Line(), first.Location.Column()+1, clean(first.Message, maxFault))
}

// eval runs the expression. A value is a string, a bool, a json.Number or nil.
func (e expression) eval(s Source) (value any, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), evalTime)
	defer cancel()
	result, _, err := e.program.ContextEval(ctx, map[string]any{"record": native(s.Record), "envelope": native(s.Envelope), "now": s.Now})
	if err != nil {
		return nil, problem.Invalid("expression_failed", "The expression fails on this record: "+clean(err.Error(), maxFault)).Because(err)
	}
	return plain(result.Value())
}

// holds tells whether a condition is true. One that is not a truth is a mistake.
func (e expression) holds(s Source) (bool, error) {
	value, err := e.eval(s)
	if err != nil {
		return false, err
	}
	truth, ok := value.(bool)
	if !ok {
		return false, problem.Invalid("condition_not_bool", "A condition must be true or false.")
	}
	return truth, nil
}

// native is a value as expressions see it: their numbers are doubles, as those of
// every JSON API are.
func native(value any) any {
	switch v := value.(type) {
	case nil:
		return types.NullValue
	case json.Number:
		if f, err := v.Float64(); err == nil {
			return f
		}
		return v.String()
	case map[string]any:
		inside := make(map[string]any, len(v))
		for name, member := range v {
			inside[name] = native(member)
		}
		return inside
	case []any:
		list := make([]any, len(v))
		for i, member := range v {
			list[i] = native(member)
		}
		return list
	}
	return value
}

var errNotPlain = errors.New("the value is a list, a map or of a type of its own")

// plain is an expression's result as a row takes it.
func plain(value any) (any, error) {
	switch v := value.(type) {
	case string, bool, nil:
		return v, nil
	case int64, uint64:
		return json.Number(fmt.Sprint(v)), nil
	case float64:
		return number(v)
	case time.Time:
		return v.UTC().Format(time.RFC3339), nil
	case *types.Optional:
		if !v.HasValue() {
			return nil, nil
		}
		return plain(v.GetValue().Value())
	}
	if value == types.NullValue {
		return nil, nil
	}
	return nil, problem.Invalid("expression_not_plain", "An expression must give a text, a number, a truth or nothing.").Because(errNotPlain)
}

// Expression is CEL of one's own variables, for connectors that are described in
// place of being written. It has the limits of a mapping's.
type Expression struct{ program cel.Program }

// NewExpression reads an expression over these variables.
func NewExpression(source string, variables ...string) (Expression, error) {
	var options []cel.EnvOption
	for _, name := range variables {
		options = append(options, cel.Variable(name, cel.DynType))
	}
	own, err := dialect.Extend(options...)
	if err != nil {
		return Expression{}, fmt.Errorf("declare %v: %w", variables, err)
	}
	program, err := prepare(own, source)
	return Expression{program}, err
}

// Eval gives a value as JSON has it: nil, bool, string, float64, []any or map[string]any.
func (e Expression) Eval(ctx context.Context, variables map[string]any) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, evalTime)
	defer cancel()
	given := map[string]any{"record": nil, "envelope": nil}
	for name, value := range variables {
		given[name] = native(value)
	}
	result, _, err := e.program.ContextEval(ctx, given)
	if err != nil {
		return nil, problem.Invalid("expression_failed", "The expression fails on this reply: "+clean(err.Error(), maxFault)).Because(err)
	}
	asJSON, err := result.ConvertToNative(reflect.TypeFor[*structpb.Value]())
	if err != nil {
		return nil, problem.Invalid("expression_not_plain", "An expression must give what JSON can hold.").Because(err)
	}
	return asJSON.(*structpb.Value).AsInterface(), nil
}
