package workflows

import (
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
)

// Sealer encrypts what the engine stores.
type Sealer interface {
	Seal(plain, ad []byte) ([]byte, error)
	Open(sealed, ad []byte) ([]byte, error)
}

const encodingSealed = "binary/sealed"

// codec keeps names, reasons and drawings out of the engine's database: payloads
// lie there under AES-256-GCM.
type codec struct{ sealer Sealer }

var payloadPurpose = []byte("temporal/payload")

func (c codec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	return each(payloads, func(p *commonpb.Payload) (*commonpb.Payload, error) {
		plain, err := proto.Marshal(p)
		if err != nil {
			return nil, fmt.Errorf("encode payload: %w", err)
		}
		sealed, err := c.sealer.Seal(plain, payloadPurpose)
		if err != nil {
			return nil, fmt.Errorf("seal payload: %w", err)
		}
		return &commonpb.Payload{
			Metadata: map[string][]byte{converter.MetadataEncoding: []byte(encodingSealed)},
			Data:     sealed,
		}, nil
	})
}

func (c codec) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	return each(payloads, func(p *commonpb.Payload) (*commonpb.Payload, error) {
		if string(p.Metadata[converter.MetadataEncoding]) != encodingSealed {
			return p, nil
		}
		plain, err := c.sealer.Open(p.Data, payloadPurpose)
		if err != nil {
			return nil, fmt.Errorf("open payload: %w", err)
		}
		opened := &commonpb.Payload{}
		if err := proto.Unmarshal(plain, opened); err != nil {
			return nil, fmt.Errorf("decode payload: %w", err)
		}
		return opened, nil
	})
}

func each(payloads []*commonpb.Payload, do func(*commonpb.Payload) (*commonpb.Payload, error)) ([]*commonpb.Payload, error) {
	done := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		var err error
		if done[i], err = do(p); err != nil {
			return nil, err
		}
	}
	return done, nil
}
